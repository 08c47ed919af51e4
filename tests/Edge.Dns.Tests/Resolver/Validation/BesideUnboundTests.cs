using Edge.Dns.Resolver;
using Edge.Dns.Resolver.Recursion;
using Edge.Dns.Resolver.Validation;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Xunit;

namespace Edge.Dns.Tests.Resolver.Validation;

/// <summary>Zones good and broken, every question put to Edge and to Unbound: both must say the same of it, secure, insecure or bogus.</summary>
public sealed class BesideUnboundTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Verdicts_are_those_of_Unbound()
    {
        using var lab = await ValidationLab.StartAsync(LabZones.All);
        using var plain = new LabResolver(lab, validates: false);
        using var judge = new LabResolver(lab, validates: true);
        await plain.ReadyAsync();
        await judge.ReadyAsync();
        var options = ForwarderClient.Options(plain.EndPoint) with
        {
            RebindingProtection = false,
            AttemptTimeout = TimeSpan.FromSeconds(5),
            TotalTimeout = TimeSpan.FromSeconds(15),
            Validation = new ValidationOptions { Anchors = [RecordText.Parse(lab.Anchor)], AggressiveDenial = false },
        };
        using var forwarding = new Forwarder(options);
        using var recursion = new Forwarder(options with { Recursion = FromRoot(lab) });
        var differences = new List<string>();
        var counts = new Dictionary<string, int>();
        foreach (var (name, type) in Questions())
        {
            var query = ForwarderClient.Query(name, type, edns: new Edns(4096, DnssecOk: true));
            var theirs = await judge.AskAsync(query);
            counts[State(theirs)] = counts.GetValueOrDefault(State(theirs)) + 1;
            foreach (var (how, forwarder) in new[] { ("forwarding", forwarding), ("recursion", recursion) })
            {
                var ours = await AskAsync(forwarder, query);
                if (State(ours) != State(theirs))
                {
                    differences.Add($"{name} {type}: Edge ({how}) {State(ours)} ({ours.ExtendedError()}), Unbound {State(theirs)} {judge.LogOf(name)}");
                }
            }
        }

        output.WriteLine($"{counts.Values.Sum()} rows: {string.Join(", ", counts.Select(count => $"{count.Value} {count.Key}"))}");
        Assert.True(differences.Count == 0, $"{differences.Count} differ\n" + string.Join('\n', differences));
        Assert.True(counts["secure"] > 300 && counts["insecure"] > 50 && counts["bogus"] > 100);
    }

    private static RecursionOptions FromRoot(ValidationLab lab) => new()
    {
        Port = lab.Authority.Port,
        AllowPrivate = true,
        UseIPv6 = false,
        Hints = RootHints.Parse("lab", [". 300 IN NS ns.lab.", "ns.lab. 300 IN A 127.0.0.1"], out _)!,
    };

    private static IEnumerable<(string Name, RecordType Type)> Questions()
    {
        foreach (var zone in LabZones.All)
        {
            foreach (var question in LabZones.Questions)
            {
                var words = question.Split(' ');
                RecordText.TryParseType(words[1], out var type);
                yield return (words[0] == "@" ? zone.Name + "." : $"{words[0]}.{zone.Name}.", type);
            }
        }
    }

    private static async Task<Message> AskAsync(Forwarder forwarder, byte[] query)
    {
        var answer = new byte[65535];
        var length = await forwarder.ResolveAsync(query, answer, answer.Length, TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(60));
        return FakeUpstream.Parse(answer[..length]);
    }

    private static string State(Message message) => message.Rcode == Rcode.ServFail ? "bogus"
        : (message.Flags & MessageFlags.AuthenticData) != 0 ? "secure" : "insecure";
}
