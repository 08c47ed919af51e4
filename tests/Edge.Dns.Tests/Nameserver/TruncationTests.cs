using System.Text;
using Edge.Dns.Nameserver;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Nameserver;

/// <summary>How long an answer may be and what happens when it would be longer: RFC 2181 §9, RFC 6891 §6.2.3, RFC 9471, RFC 9715.</summary>
public sealed class TruncationTests
{
    private static readonly TestNameserver Server = TestNameserver.With(("example.com.", Zone()));

    public static TheoryData<string, int?, int, bool> Sizes => new()
    {
        // name, size the client says, longest answer allowed, truncated
        { "a20.example.com.", null, 512, false },
        { "a40.example.com.", null, 512, true },
        { "a40.example.com.", 100, 512, true },
        { "a40.example.com.", 1232, 1232, false },
        { "a70.example.com.", 4096, 1232, false },
        { "a90.example.com.", 65535, 1232, true },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_UDP_answer_is_at_most_what_the_client_says_and_1232(string name, int? size, int limit, bool truncated)
    {
        var edns = size is { } said ? new Edns((ushort)said) : null;
        var raw = Server.Raw(TestNameserver.Query(name, "A", edns))!;
        var message = TestNameserver.Read(raw);
        Assert.True(raw.Length <= limit, $"{raw.Length} bytes");
        Assert.Equal(truncated, message.Flags.HasFlag(MessageFlags.Truncated));
        Assert.Equal(truncated ? 0 : int.Parse(name[1..3]), message.Answer.Count);
        Assert.Equal(edns is null, message.Edns is null);
    }

    [Fact]
    public void A_TCP_answer_holds_what_UDP_cannot_and_its_names_read_back_equal()
    {
        var message = TestNameserver.Read(Server.Raw(TestNameserver.Query("big.example.com.", "NS"), Transport.Tcp));
        Assert.False(message.Flags.HasFlag(MessageFlags.Truncated));
        Assert.Equal(Enumerable.Range(0, 2500).Select(i => Name.Parse($"server-{i}.big.example.com.")), message.Authority.Select(record => Name.FromWire(record.Data.Wire)));
    }

    [Fact]
    public void RFC_9471_3_1_glue_of_the_delegated_zone_that_does_not_fit_sets_TC()
    {
        Assert.True(Server.Ask("www.glue.example.com.", "A").Flags.HasFlag(MessageFlags.Truncated));
        Assert.False(Server.Ask("www.glue.example.com.", "A", new Edns(1232)).Flags.HasFlag(MessageFlags.Truncated));
    }

    [Fact]
    public void RFC_2181_9_additional_data_that_does_not_fit_sets_no_TC()
    {
        var message = Server.Ask("mx.example.com.", "MX");
        Assert.False(message.Flags.HasFlag(MessageFlags.Truncated));
        Assert.Single(message.Answer);
        Assert.Empty(message.Additional);
    }

    private static string Zone()
    {
        var text = new StringBuilder("""
            $ORIGIN example.com.
            $TTL 300
            @    SOA ns hostmaster 1 7200 900 1209600 300
            @    NS  ns.example.net.
            mx   MX  10 a40

            """);
        foreach (var count in (int[])[20, 40, 70, 90])
        {
            for (var i = 0; i < count; i++)
            {
                text.AppendLine($"a{count} A 192.0.2.{i}");
            }
        }

        for (var i = 0; i < 2500; i++)
        {
            text.AppendLine($"big NS server-{i}.big");
        }

        for (var i = 0; i < 13; i++)
        {
            text.AppendLine($"glue NS server-{i}.glue").AppendLine($"server-{i}.glue A 192.0.2.{i}").AppendLine($"server-{i}.glue AAAA 2001:db8::{i}");
        }

        return text.ToString();
    }
}
