using Edge.Dns.Listeners;
using Edge.Dns.Nameserver;
using Edge.Dns.Tests.Reference;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Xunit;

namespace Edge.Dns.Tests.Interop;

/// <summary>Zones made by chance, served by Edge and its peers: what the reference in these tests says of them, the peers say as well.</summary>
public sealed class RandomZonesOfPeersTests
{
    private const int Zones = 60;
    private const int QuestionsPerZone = 80;

    [Fact]
    public async Task Zones_made_by_chance_are_answered_as_the_peers_answer_them()
    {
        var folder = Directory.CreateTempSubdirectory("edge-random-");
        var peers = new List<Peer>();
        try
        {
            var made = Enumerable.Range(0, Zones).Select(i => Make(i, folder.FullName)).ToList();
            SharedZone[] shared = [.. made.Select(one => one.Zone)];
            peers.AddRange(await Peer.StartAllAsync(shared));
            var questions = made.SelectMany(one => one.Questions).ToList();
            await using var edge = EdgePeer.Serve([.. shared.Select(zone => zone.Load())]);
            var ours = BulkClient.Ask("edge", edge.EndPoints[0], questions);
            var apexes = shared.Select(zone => zone.Origin).ToHashSet();
            foreach (var peer in peers)
            {
                var theirs = BulkClient.Ask(peer.Name, peer.EndPoint, questions);
                for (var i = 0; i < questions.Count; i++)
                {
                    var (own, other) = (ComparableAnswer.Of(ours[i], apexes), ComparableAnswer.Of(theirs[i], apexes));
                    // Where an alias without an end ends, and which of the addresses that need not be there are there, is each server's own business.
                    var difference = EndsInRing(ours[i]) ? null : own.DifferencesFrom(other).FirstOrDefault(field => field != "sibling");
                    Assert.True(difference is null, $"{questions[i]}: {difference}\n  Edge: {difference}{own.Fields.GetValueOrDefault(difference ?? "")}\n  {peer.Name}: "
                        + $"{other.Fields.GetValueOrDefault(difference ?? "")}\nin\n{File.ReadAllText(shared[i / QuestionsPerZone].File)}");
                }
            }
        }
        finally
        {
            peers.ForEach(peer => peer.Dispose());
            folder.Delete(recursive: true);
        }
    }

    private static (SharedZone Zone, List<SharedQuestion> Questions) Make(int i, string folder)
    {
        var origin = $"z{i}.test.";
        var random = new Random(20261126 + i);
        var made = new RandomZones(random, origin);
        // What the peers would refuse or have otherwise before anything is asked: name servers of the zone that have no address, TTLs that differ.
        var zone = new ReferenceZone(origin, [.. made.Make(origin, random.Next(5, 40)).Lines
            .Where(line => line.Type != "ns" || line.Owner != origin).Append(new RecordLine(origin, 300, "ns", "ns.elsewhere.example."))
            .Select(line => line with { Ttl = 300 })]);
        var file = Path.Combine(folder, $"{origin}zone");
        File.WriteAllLines(file, zone.Lines.Select(line => line.ToString()));
        var questions = Enumerable.Range(0, QuestionsPerZone)
            .Select(_ => (Name: made.NameNear(zone), Type: made.Any([.. RandomZones.QueryTypes.Where(type => type is not ("any" or "rrsig" or "nsec"))])))
            .Select(one => new SharedQuestion(Name.Parse(made.Recased(one.Name)), TypeOf(one.Type), null, Transport.Tcp));
        return (new SharedZone(Name.Parse(origin), file), [.. questions]);
    }

    private static RecordType TypeOf(string type) => RecordText.TryParseType(type, out var number) ? number : throw new FormatException(type);

    private static bool EndsInRing(byte[] wire)
    {
        Assert.True(Message.TryParse(wire, out var message, out var error), error);
        var aliases = message.Answer.Where(record => record.Type == RecordType.CNAME).ToList();
        return aliases.Count > 4 || aliases.Exists(alias => aliases.Exists(other => other.Owner == Name.FromWire(alias.Data.Wire)) && Name.FromWire(aliases[^1].Data.Wire) == alias.Owner);
    }
}
