using Edge.Dns.Nameserver;
using Edge.Dns.Signing;
using Edge.Dns.Signing.Keys;
using Edge.Dns.Tests.Reference;
using Edge.Dns.Tests.Signing;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Xunit;

namespace Edge.Dns.Tests.Interop;

/// <summary>
/// What a secondary gets of a signed zone, as a file that BIND, Knot and NSD serve: Edge, which signs while it answers,
/// says the same to everything, records, signatures' fields and proofs of absence alike.
/// </summary>
public sealed class SignedZonesOfPeersTests : IDisposable
{
    private const int RandomCount = 30;
    private const int QuestionsPerZone = 60;

    private static readonly string[] Shared = ["interop.test.", "odd.test.", "2.0.192.in-addr.arpa."];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-signed-");
    private readonly List<ZoneSigner> _signers = [];
    private readonly List<Zone> _zones = [];
    private readonly List<SharedZone> _files = [];
    private readonly List<SharedQuestion> _questions = [];

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task With_DO_Edge_answers_as_peers_do_that_serve_the_signed_zone_as_a_file()
    {
        Prepare(RandomCount, Sign);
        var unused = await CompareAsync([.. _zones], new SignerSet(_signers, TimeProvider.System), Explained("signed"));
        Assert.True(_questions.Count > 4000, $"only {_questions.Count} questions");
        Assert.True(unused.Count == 0, "explained, and there is no such difference:\n" + string.Join('\n', unused.OrderBy(one => one.Line)));
    }

    [Theory]
    [InlineData("NSEC", "")]
    [InlineData("NSEC3", "-3 - -H 0")]
    [InlineData("NSEC3 with salt, iterations and opt-out", "-3 AABBCCDD -H 5 -A")]
    public async Task With_DO_Edge_serves_a_zone_that_somebody_else_has_signed_as_peers_do(string _, string options)
    {
        Prepare(RandomCount / 3, zone => SignElsewhere(zone, options));
        await CompareAsync([.. _files.Select(file => file.Load())], SignerSet.None, [.. Explained("signed"), .. options.Length > 0 ? Explained("hashed") : []]);
        Assert.True(_questions.Count > 4000, $"only {_questions.Count} questions");
    }

    private void Prepare(int random, Action<Zone> sign)
    {
        foreach (var zone in SharedZone.All.Where(zone => Shared.Contains(zone.Origin.ToString())).Select(zone => zone.Load()))
        {
            sign(zone);
            _questions.AddRange(SharedQuestions.About([zone]).Where(question => question.Type != RecordType.ANY).Select(question => Ask(question.Name, question.Type)));
        }

        foreach (var made in Enumerable.Range(0, random).Select(number => new RandomSharedZone(number, $"z{number}.test.")))
        {
            sign(made.Zone);
            _questions.AddRange(made.Questions(QuestionsPerZone).Select(question => Ask(question.Name, question.Type)));
        }
    }

    // Fails for differences that nothing explains; what explained none is handed back.
    private async Task<HashSet<ExplainedDifference>> CompareAsync(Zone[] zones, SignerSet signers, List<ExplainedDifference> explained)
    {
        var apexes = zones.Select(zone => zone.Origin).ToHashSet();
        var unused = explained.ToHashSet();
        await using var edge = EdgePeer.Serve(zones, signers);
        var ours = BulkClient.Ask("edge", edge.EndPoints[0], _questions);
        var peers = await Peer.StartAllAsync(_files);
        var unexplained = new List<string>();
        try
        {
            foreach (var peer in peers)
            {
                var theirs = BulkClient.Ask(peer.Name, peer.EndPoint, _questions);
                for (var i = 0; i < _questions.Count; i++)
                {
                    var (own, other) = (ComparableAnswer.Of(ours[i], apexes), ComparableAnswer.Of(theirs[i], apexes));
                    foreach (var field in ComparableAnswer.EndsInRing(ours[i]) ? [] : own.DifferencesFrom(other))
                    {
                        var reasons = explained.FindAll(one => one.Covers(_questions[i], peer.Name, field));
                        unused.ExceptWith(reasons);
                        if (reasons.Count == 0)
                        {
                            unexplained.Add($"{_questions[i]}: {field}\n    Edge: {own[field]}\n    {peer.Name}: {other[field]}");
                        }
                    }
                }
            }
        }
        finally
        {
            Array.ForEach(peers, peer => peer.Dispose());
        }

        if (Environment.GetEnvironmentVariable("EDGE_INTEROP_DIFFERENCES") is { Length: > 0 } file)
        {
            File.WriteAllLines(file, unexplained);
        }

        Assert.True(unexplained.Count == 0, $"{unexplained.Count} differences in {_questions.Count} questions:\n{string.Join('\n', unexplained.Take(40))}");
        return unused;
    }

    private static List<ExplainedDifference> Explained(string what) => ExplainedDifference.Read(Path.Combine(SharedZone.Folder, $"explained-{what}-differences.txt"));

    private static SharedQuestion Ask(Name name, RecordType type) => new(name, type, new Edns(1232, true), Transport.Tcp);

    private void Sign(Zone plain)
    {
        var keys = ZoneKeySet.Create(plain.Origin, SigningAlgorithm.EcdsaP256Sha256, split: false, DateTimeOffset.UtcNow);
        var zone = Zone.Build(plain.Origin, [.. plain.RRsets.SelectMany(set => set.Records), .. KeyRecords.Of(keys).Select(record => record.Record)]);
        var signer = new ZoneSigner(keys, DenialMode.Nsec, TimeProvider.System);
        Write(plain.Origin, SignedZones.FileOf(SignedZoneContent.Of(zone, signer, null).Records));
        _signers.Add(signer);
        _zones.Add(zone);
    }

    private void SignElsewhere(Zone zone, string options)
    {
        // dnssec-signzone gives up at a name so long that no wildcard fits below it.
        var records = zone.RRsets.SelectMany(set => set.Records).Where(record => record.Owner.Wire.Length + 2 <= Name.MaxWireLength);
        var file = Write(zone.Origin, SignedZones.FileOf(records));
        Made(Tool.Run("dnssec-keygen", "-q", "-a", "ECDSAP256SHA256", "-f", "KSK", "-K", _folder.FullName, zone.Origin.ToHostString()));
        Made(Tool.Run("dnssec-signzone", ["-q", "-P", "-S", "-z", "-K", _folder.FullName, "-d", _folder.FullName, .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries), "-o", zone.Origin.ToHostString(), "-f", file, file]));
    }

    private string Write(Name origin, string text)
    {
        var file = Path.Combine(_folder.FullName, $"{origin}zone");
        File.WriteAllText(file, text);
        _files.Add(new SharedZone(origin, file));
        return file;
    }

    private static void Made((int Code, string Output) result) => Assert.True(result.Code == 0, result.Output);
}
