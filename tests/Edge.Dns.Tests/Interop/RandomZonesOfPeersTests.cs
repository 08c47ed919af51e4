using Edge.Dns.Listeners;
using Edge.Dns.Wire;
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
                    var difference = ComparableAnswer.EndsInRing(ours[i]) ? null : own.DifferencesFrom(other).FirstOrDefault(field => field != "sibling");
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
        var made = new RandomSharedZone(i, $"z{i}.test.");
        var file = Path.Combine(folder, $"{made.Zone.Origin}zone");
        File.WriteAllLines(file, made.Lines);
        return (new SharedZone(made.Zone.Origin, file), made.Questions(QuestionsPerZone));
    }
}
