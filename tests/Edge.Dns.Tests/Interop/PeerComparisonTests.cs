using Edge.Dns.Tests.Nameserver;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Xunit;

namespace Edge.Dns.Tests.Interop;

/// <summary>
/// BIND, Knot and NSD serve the same zone files as Edge and are asked the same questions. Where Edge says something else,
/// explained-differences.txt says why; a line there that explains nothing any more fails as well.
/// </summary>
public sealed class PeerComparisonTests
{
    private const int MostShown = 40;

    private static readonly IReadOnlySet<Name> Apexes = SharedZone.All.Select(zone => zone.Origin).ToHashSet();

    [Fact]
    public async Task Edge_answers_as_BIND_Knot_and_NSD_do_or_says_why_not()
    {
        Zone[] zones = [.. SharedZone.All.Select(zone => zone.Load())];
        var questions = SharedQuestions.About(zones);
        await using var edge = EdgePeer.Serve(zones);
        var peers = await Peer.StartAllAsync(SharedZone.All);
        byte[][][] answers;
        try
        {
            answers = await Task.WhenAll(peers.Select(peer => Task.Run(() => BulkClient.Ask(peer.Name, peer.EndPoint, questions))));
        }
        finally
        {
            Array.ForEach(peers, peer => peer.Dispose());
        }

        var ours = BulkClient.Ask("edge", edge.EndPoints[0], questions);
        var explained = ExplainedDifference.Read(Path.Combine(SharedZone.Folder, "explained-differences.txt"));
        var unused = explained.ToHashSet();
        var unexplained = new List<string>();
        for (var i = 0; i < questions.Count; i++)
        {
            CheckOwn(questions[i], ours[i]);
            var own = ComparableAnswer.Of(ours[i], Apexes);
            for (var p = 0; p < peers.Length; p++)
            {
                var theirs = ComparableAnswer.Of(answers[p][i], Apexes);
                foreach (var field in own.DifferencesFrom(theirs))
                {
                    var reasons = explained.FindAll(one => one.Covers(questions[i], peers[p].Name, field));
                    unused.ExceptWith(reasons);
                    if (reasons.Count == 0)
                    {
                        unexplained.Add($"{questions[i]}: {field}\n    Edge: {own.Fields[field]}\n    {peers[p].Name}: {theirs.Fields[field]}");
                    }
                }
            }
        }

        if (Environment.GetEnvironmentVariable("EDGE_INTEROP_DIFFERENCES") is { Length: > 0 } file)
        {
            File.WriteAllLines(file, unexplained);
        }

        Assert.True(questions.Count > 3000, $"only {questions.Count} questions");
        Assert.True(unexplained.Count == 0, $"{unexplained.Count} differences in {questions.Count} questions:\n{string.Join('\n', unexplained.Take(MostShown))}");
        Assert.True(unused.Count == 0, "explained, and there is no such difference:\n" + string.Join('\n', unused.OrderBy(one => one.Line)));
    }

    // Readable for ARSoft.Tools.Net, and the case the client chose comes back (RFC 4343 §4.1), also in owners.
    private static void CheckOwn(SharedQuestion question, byte[] wire)
    {
        var message = TestNameserver.Read(wire);
        Assert.Equal((question.ToString(), Convert.ToHexString(question.Name.Wire)), (question.ToString(), Convert.ToHexString(message.Questions[0].Name.Wire)));
        Assert.All(message.Answer.Where(record => record.Owner == question.Name), record => Assert.Equal(question.Name.ToString(), record.Owner.ToString()));
    }
}
