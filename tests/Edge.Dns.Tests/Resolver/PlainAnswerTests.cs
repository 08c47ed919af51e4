using System.Collections.Immutable;
using Edge.Dns.Resolver;
using Edge.Dns.Resolver.Upstreams;
using Edge.Dns.Wire;
using Xunit;
using static Edge.Dns.Tests.Resolver.ForwarderClient;

namespace Edge.Dns.Tests.Resolver;

/// <summary>The short way from a message to what is kept of it says what the long way says.</summary>
public sealed class PlainAnswerTests
{
    private static readonly ForwardRules NoRules = new(ImmutableDictionary<Name, UpstreamSet>.Empty);

    private static readonly ForwarderOptions[] Settings =
    [
        new(),
        new() { MinTtl = TimeSpan.FromSeconds(100), MaxTtl = TimeSpan.FromSeconds(200) },
        new() { RebindingProtection = false },
    ];

    [Theory]
    [InlineData(RecordType.A, "www.example.org 300 A 192.0.2.1")]
    [InlineData(RecordType.A, "www.example.org 300 A 192.0.2.1", "www.example.org 60 A 192.0.2.2", "www.example.org 500 A 192.0.2.3")]
    [InlineData(RecordType.A, "www.example.org 0 A 192.0.2.1")]
    [InlineData(RecordType.A, "www.example.org 4294967295 A 192.0.2.1")]
    [InlineData(RecordType.A, "www.example.org 1000000 A 192.0.2.1")]
    [InlineData(RecordType.A, "www.example.org 300 A 192.168.1.1")]
    [InlineData(RecordType.A, "www.example.org 300 A 192.0.2.1", "www.example.org 300 A 10.0.0.1")]
    [InlineData(RecordType.AAAA, "www.example.org 300 AAAA 2001:db8::1")]
    [InlineData(RecordType.AAAA, "www.example.org 300 AAAA 2001:db8::1", "www.example.org 300 AAAA fd00::1")]
    public void The_same_is_kept(RecordType type, params string[] records)
    {
        foreach (var extra in new string[][] { [], ["org 300 NS ns.example"] })
        {
            foreach (var edns in new[] { true, false })
            {
                var (key, wire) = Message(type, records, extra, edns);
                Assert.True(PlainAnswer.IsOne(key, wire));
                foreach (var options in Settings)
                {
                    var scrubber = new AnswerScrubber(options, NoRules);
                    Assert.Equal(Shape(scrubber.Scrub(key, FakeUpstream.Parse(wire), null, out _)!.Value), Shape(scrubber.Scrub(key, wire)));
                }
            }
        }
    }

    [Theory]
    [InlineData("another owner", RecordType.A, "www.example.net 300 A 192.0.2.1")]
    [InlineData("an alias", RecordType.A, "www.example.org 300 CNAME x.example.org", "x.example.org 300 A 192.0.2.1")]
    [InlineData("another type", RecordType.A, "www.example.org 300 TXT x")]
    [InlineData("nothing", RecordType.A)]
    [InlineData("the same twice", RecordType.A, "www.example.org 300 A 192.0.2.1", "www.example.org 300 A 192.0.2.1")]
    [InlineData("no address", RecordType.TXT, "www.example.org 300 TXT x")]
    public void Not_for(string what, RecordType type, params string[] records)
    {
        var (key, wire) = Message(type, records, [], edns: true);
        Assert.False(PlainAnswer.IsOne(key, wire), what);
    }

    [Fact]
    public void Whatever_a_message_says_it_is_taken_only_if_it_can_be_read()
    {
        var (key, wire) = Message(RecordType.A, ["www.example.org 300 A 192.0.2.1", "www.example.org 60 A 192.0.2.2"], ["org 300 NS ns.example"], edns: true);
        var random = new Random(7);
        var (read, unread) = (0, 0);
        for (var i = 0; i < 200_000; i++)
        {
            var changed = wire.ToArray();
            // The question is made that of the key before this is asked.
            for (var change = random.Next(3); change >= 0; change--)
            {
                var place = random.Next(changed.Length);
                changed[place is >= 12 and < 33 ? 2 : place] = (byte)random.Next(256);
            }

            changed = random.Next(4) == 0 ? changed[..random.Next(changed.Length)] : changed;
            if (!PlainAnswer.IsOne(key, changed))
            {
                continue;
            }

            // What stands behind the answers must be whole records; what is in them nobody needs.
            if (!Edge.Dns.Wire.Message.TryParse(changed, out var message, out var error))
            {
                Assert.Matches("(authority|additional|OPT) record", error);
                unread++;
            }
            else
            {
                read++;
                Assert.Equal(Rcode.NoError, message.Rcode);
                Assert.All(message.Answer, record => Assert.Equal((key.Name, key.Type), (record.Owner, record.Type)));
                var scrubber = new AnswerScrubber(Settings[0], NoRules);
                Assert.Equal(Shape(scrubber.Scrub(key, message, null, out _)!.Value), Shape(scrubber.Scrub(key, changed)));
            }
        }

        Assert.True(read > 1000 && unread < read, $"{read} read, {unread} not");
    }

    [Fact]
    public void A_failure_that_only_the_OPT_record_tells_is_seen()
    {
        var (key, wire) = Message(RecordType.A, ["www.example.org 300 A 192.0.2.1"], [], edns: true);
        // The upper bits of the response code stand in the TTL of the OPT record (RFC 6891 §6.1.3).
        wire[^6] = 1;
        Assert.Equal(Rcode.BadVers, FakeUpstream.Parse(wire).Rcode);
        Assert.False(PlainAnswer.IsOne(key, wire));
    }

    private static (QuestionKey Key, byte[] Wire) Message(RecordType type, string[] answer, string[] authority, bool edns)
    {
        var query = FakeUpstream.Parse(Query("www.example.org", type, edns: edns ? new Edns(1232) : null));
        var name = query.Questions[0].Name;
        return (new QuestionKey(name, type, 0), FakeUpstream.Reply(query, answer, authority).ToArray());
    }

    private static string Shape(CachedAnswer answer) =>
        $"{Convert.ToHexString(answer.Wire)} {answer.NameLength} {string.Join(',', answer.TtlOffsets.ToArray())} {answer.KeyType} {answer.KeyFlags} {answer.Rcode} {answer.Lifetime} {Convert.ToHexString(answer.ExtendedError)}";
}
