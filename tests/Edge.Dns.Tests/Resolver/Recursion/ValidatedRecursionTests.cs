using Edge.Dns.Resolver;
using Edge.Dns.Resolver.Recursion;
using Edge.Dns.Resolver.Validation;
using Edge.Dns.Tests.Resolver.Validation;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Xunit;

namespace Edge.Dns.Tests.Resolver.Recursion;

/// <summary>Keys and proofs asked from the root down by ourselves: the verdicts on signed, unsigned and broken zones are Unbound's.</summary>
public sealed class ValidatedRecursionTests(ITestOutputHelper output)
{
    private static readonly string[] Zones =
        ["nsec.lab", "rsa256.lab", "nsec3.lab", "optout.lab", "unsigned.lab", "nods.lab", "sub.nsec.lab", "sub.nsec3.lab", "sub.optout.lab", "deep.a.b.optout.lab", "expired.lab", "wrongkey.lab", "nosignature.lab", "nothingsigned.lab", "tampered.lab"];

    private static readonly string[] Questions =
        ["@ SOA", "@ DNSKEY", "@ DS", "www A", "www TXT", "www AAAA", "nothing A", "a.b.c.nothing A", "x.wild A", "ent A", "host.ent A", "alias A", "host.dn A", "unsigned A", "bad A", "secure A", "lost A"];

    [Fact]
    public async Task Verdicts_are_those_of_Unbound()
    {
        using var lab = await ValidationLab.StartAsync([.. LabZones.All.Where(zone => Zones.Contains(zone.Name))]);
        using var judge = new LabResolver(lab, validates: true);
        await judge.ReadyAsync();
        var hints = RootHints.Parse("hints", [". NS ns.lab.", "ns.lab. A 127.0.0.1"], out _);
        using var forwarder = new Forwarder(new ForwarderOptions
        {
            RebindingProtection = false,
            TotalTimeout = TimeSpan.FromSeconds(15),
            Recursion = new RecursionOptions { Hints = hints!, Port = lab.Authority.Port, AllowPrivate = true, UseIPv6 = false },
            Validation = new ValidationOptions { Anchors = [RecordText.Parse(lab.Anchor)], AggressiveDenial = false },
        });
        var counts = new Dictionary<string, int>();
        var differences = new List<string>();
        foreach (var zone in Zones)
        {
            foreach (var words in Questions.Select(question => question.Split(' ')))
            {
                RecordText.TryParseType(words[1], out var type);
                var query = ForwarderClient.Query(words[0] == "@" ? zone + "." : $"{words[0]}.{zone}.", type, edns: new Edns(4096, DnssecOk: true));
                var (theirs, answer) = (State(await judge.AskAsync(query)), await AskAsync(forwarder, query));
                counts[theirs] = counts.GetValueOrDefault(theirs) + 1;
                if (State(answer) != theirs)
                {
                    differences.Add($"{words[0]}.{zone} {type}: Edge {State(answer)} {answer.ExtendedError()}, Unbound {theirs}");
                }
            }
        }

        output.WriteLine(string.Join(", ", counts.Select(count => $"{count.Value} {count.Key}")));
        Assert.True(differences.Count == 0, string.Join('\n', differences));
        Assert.True(counts.GetValueOrDefault("secure") > 50 && counts.GetValueOrDefault("insecure") > 50 && counts.GetValueOrDefault("bogus") > 30);
    }

    private static async Task<Message> AskAsync(Forwarder forwarder, byte[] query)
    {
        var answer = new byte[Message.MaxLength];
        var length = await forwarder.ResolveAsync(query, answer, answer.Length, TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(60));
        return FakeUpstream.Parse(answer[..length]);
    }

    private static string State(Message message) => message.Rcode == Rcode.ServFail ? "bogus" : message.Flags.HasFlag(MessageFlags.AuthenticData) ? "secure" : "insecure";
}
