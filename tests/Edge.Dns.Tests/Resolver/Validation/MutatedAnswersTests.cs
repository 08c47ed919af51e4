using System.Collections.Immutable;
using Edge.Dns.Dnssec;
using Edge.Dns.Resolver;
using Edge.Dns.Resolver.Upstreams;
using Edge.Dns.Resolver.Validation;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Resolver.Validation;

/// <summary>Signed answers with bytes changed by chance: nothing throws, and nothing that says something else is secure.</summary>
public sealed class MutatedAnswersTests(ITestOutputHelper output)
{
    private const int Rounds = 3000;

    private readonly Tree _tree = new();

    [Fact]
    public async Task Answers()
    {
        var random = new Random(20260601);
        var cases = Cases();
        var validator = _tree.Validator(_tree.Options with { AggressiveDenial = false });
        var scrubber = new AnswerScrubber(new ForwarderOptions { RebindingProtection = false }, new ForwardRules(ImmutableDictionary<Name, UpstreamSet>.Empty));
        var counts = new Dictionary<Security, int>();
        for (var round = 0; round < Rounds; round++)
        {
            var (key, good) = cases[random.Next(cases.Count)];
            if (!Message.TryParse(Mutated(good.ToArray(), random), out var message, out _) || message.Rcode is not (Rcode.NoError or Rcode.NxDomain))
            {
                continue;
            }

            var verdict = await validator.ValidateAsync(key, message, TestContext.Current.CancellationToken);
            counts[verdict.Security] = counts.GetValueOrDefault(verdict.Security) + 1;
            var kept = scrubber.Scrub(key, message, verdict, out _);
            if (verdict.Security == Security.Secure)
            {
                Assert.Equal(Said(key, scrubber.Scrub(key, FakeUpstream.Parse(good.ToArray()), null, out _)), Said(key, kept));
            }
        }

        output.WriteLine(string.Join(", ", counts.Select(count => $"{count.Value} {count.Key}")));
        Assert.True(counts[Security.Bogus] > Rounds / 3 && counts[Security.Secure] > 20);
    }

    [Fact]
    public async Task Keys_and_delegations()
    {
        var random = new Random(7);
        var names = new[] { (_tree.Root.Origin, RecordType.DNSKEY), (_tree.Example.Origin, RecordType.DS), (_tree.Example.Origin, RecordType.DNSKEY), (_tree.Corp.Origin, RecordType.DS), (_tree.Corp.Origin, RecordType.DNSKEY) };
        var good = new Dictionary<(Name, RecordType), Message>();
        foreach (var (name, type) in names)
        {
            good[(name, type)] = (await _tree.AskAsync(new QuestionKey(name, type, 3), default)).Message!;
        }

        // A forger's key and the answer it signs: whatever is changed on the way, the forger never gets in.
        var forger = new SigningZone("corp.example.");
        for (var round = 0; round < 400; round++)
        {
            var (name, type) = names[random.Next(names.Length)];
            _tree.Put(name, type, () => Message.TryParse(Mutated(good[(name, type)].ToArray(), random), out var changed, out _) ? changed : null);
            var right = await _tree.Judge("www.corp.example.", RecordType.A, Tree.Of(_tree.Corp.Sign("www 300 IN A 192.0.2.1")));
            Assert.NotEqual(Security.Insecure, right.Security);
            Assert.True((await _tree.Judge("www.corp.example.", RecordType.A, Tree.Of(forger.Sign("www 300 IN A 192.0.2.66")))).Fails);
            _tree.Put(name, type, () => good[(name, type)]);
        }
    }

    private List<(QuestionKey Key, Message Answer)> Cases()
    {
        var corp = _tree.Corp;
        var wild = corp.Sign(corp.Relative("*.wild"), [corp.Record("a.wild 300 IN A 192.0.2.1")], [corp.Key]);
        return
        [
            Case("www.corp.example.", RecordType.A, Tree.Of(corp.Sign("www 300 IN A 192.0.2.1", "www 300 IN A 192.0.2.2"))),
            Case("mail.corp.example.", RecordType.MX, Tree.Of(corp.Sign("mail 300 IN MX 10 Host.Corp.Example."))),
            Case("alias.corp.example.", RecordType.A, Tree.Of([.. corp.Sign("alias 300 IN CNAME web.example."), .. _tree.Example.Sign("web 60 IN A 192.0.2.7")])),
            Case("a.old.corp.example.", RecordType.A, Tree.Of([.. corp.Sign("old 300 IN DNAME new.example."), corp.Record("a.old 300 IN CNAME a.new.example."), .. _tree.Example.Sign("a.new 60 IN A 192.0.2.1")])),
            Case("a.wild.corp.example.", RecordType.A, Tree.Of(wild, corp.Nsec("*.wild", "www", RecordType.A))),
            Case("m.corp.example.", RecordType.A, Tree.Of([], [.. corp.Soa, .. corp.Nsec("@", "b", RecordType.SOA, RecordType.NS), .. corp.Nsec("k", "n", RecordType.A)], Rcode.NxDomain)),
            Case("www.corp.example.", RecordType.AAAA, Tree.Of([], [.. corp.Soa, .. corp.Nsec("www", "x", RecordType.A)])),
            Case("none.corp.example.", RecordType.A, Tree.Of([], [.. corp.Soa, .. corp.Nsec3(0, false, ("@", [RecordType.SOA]), ("www", [RecordType.A])).SelectMany(link => link)], Rcode.NxDomain)),
        ];

        static (QuestionKey, Message) Case(string name, RecordType type, Message answer)
        {
            answer.Questions.Add(new Question(Name.Parse(name), type));
            return (Tree.Key(name, type), answer);
        }
    }

    private static byte[] Mutated(byte[] wire, Random random)
    {
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var place = random.Next(3, wire.Length);
            wire[place] = random.Next(3) switch
            {
                0 => (byte)random.Next(256),
                1 => (byte)(wire[place] ^ (1 << random.Next(8))),
                _ => wire[random.Next(wire.Length)],
            };
        }

        return wire;
    }

    // The code and the data a client would get, whatever the TTLs and the case of letters.
    private static string Said(QuestionKey key, CachedAnswer? kept)
    {
        Assert.NotNull(kept);
        Assert.True(Message.TryParse(kept!.Value.Wire, out var message, out var error), $"{key}: {error}");
        return $"{message.Rcode} " + string.Join(' ', message.Answer.Where(record => record.Type != RecordType.RRSIG)
            .Select(record => $"{record.Owner} {record.Type} {Convert.ToHexString(CanonicalForm.DataOf(record.Type, record.Data.Wire))}".ToLowerInvariant()).Order(StringComparer.Ordinal));
    }
}
