using System.Buffers.Binary;
using Edge.Dns.Resolver;
using Edge.Dns.Resolver.Validation;
using Edge.Dns.Signing.Keys;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Resolver.Validation;

/// <summary>Answers made to be dear: CVE-2023-50387 (keys and signatures), CVE-2023-50868 (hashes), and memory.</summary>
public sealed class BoundsTests
{
    private readonly Tree _tree = new();

    [Fact]
    public void No_more_than_eight_signatures_of_a_set_are_tried_and_four_keys_for_each()
    {
        var key = _tree.Corp.Key;
        var signed = _tree.Corp.Sign("www 300 IN A 192.0.2.1");
        var set = SignedSet.Of([signed[0], .. Enumerable.Range(0, 60).Select(i => Wrong(signed[1], i))]).Single();
        // Sixty keys with one tag, as the attack has them: the same key over and over.
        var keys = Enumerable.Range(0, 60).Select(_ => ZoneSigningKey.Read(key.Dnskey)!).ToList();
        var budget = new ValidationBudget();
        var verdict = SetVerifier.Verify(set, _tree.Corp.Origin, keys, Tree.Epoch, budget);
        Assert.Equal((false, ExtendedErrorCode.DnssecBogus), (verdict.IsSecure, verdict.Code));
        Assert.Contains("too many", verdict.Reason, StringComparison.Ordinal);
        Assert.Equal(40, Left(budget));
    }

    [Fact]
    public void A_right_signature_among_a_few_wrong_ones_is_found()
    {
        var signed = _tree.Corp.Sign("www 300 IN A 192.0.2.1");
        var set = SignedSet.Of([signed[0], .. Enumerable.Range(0, 7).Select(i => Wrong(signed[1], i)), signed[1]]).Single();
        Assert.True(SetVerifier.Verify(set, _tree.Corp.Origin, [ZoneSigningKey.Read(_tree.Corp.Key.Dnskey)!], Tree.Epoch, new ValidationBudget()).IsSecure);
    }

    [Fact]
    public async Task An_answer_of_many_sets_ends_when_its_work_is_spent()
    {
        var records = new List<ResourceRecord>();
        for (var type = 0; type < 200; type++)
        {
            var one = _tree.Corp.Sign(new ResourceRecord(_tree.Corp.Relative("www"), (RecordType)(1000 + type), 300, new RData([1])));
            records.AddRange(one);
        }

        var verdict = await _tree.Judge("www.corp.example.", RecordType.ANY, Tree.Of(records));
        Assert.Equal((Security.Bogus, true), (verdict.Security, verdict.Fails));
    }

    [Fact]
    public void Hashes_are_counted_by_their_iterations()
    {
        Assert.Equal(8, Count(ValidationBudget.MostIterations));
        Assert.True(Count(0) >= 128, "without iterations every ancestor of the longest name can be tried");
    }

    [Fact]
    public void Zones_are_remembered_up_to_a_number()
    {
        var cache = new TrustCache(100, _tree.Time);
        for (var i = 0; i < 10_000; i++)
        {
            cache.Put(Name.Parse($"z{i}.example."), ZoneTrust.Insecure("test", TimeSpan.FromHours(1)));
            Assert.NotNull(cache.Find(Name.Parse($"z{i}.example.")));
            Assert.InRange(cache.Count, 0, 100);
        }

        _tree.Time.Advance(TimeSpan.FromHours(1));
        Assert.Null(cache.Find(Name.Parse("z9999.example.")));
    }

    [Fact]
    public void Proofs_are_remembered_up_to_a_number()
    {
        var memory = new ProofMemory(200, _tree.Time);
        for (var i = 0; i < 1000; i++)
        {
            var zone = new SigningZone($"z{i % 7}.example.");
            memory.Keep(zone.Origin, SignedSet.Of([.. zone.Soa]).Single(), SignedSet.Of([.. zone.Nsec($"a{i}", $"a{i}b", RecordType.A)]), TimeSpan.FromHours(1));
            Assert.InRange(memory.Count, 0, 200);
        }
    }

    [Fact]
    public async Task The_keys_of_a_zone_that_many_ask_for_at_once_are_asked_for_once()
    {
        var validator = _tree.Validator();
        var answers = Enumerable.Range(0, 50).Select(i => (i, Tree.Of(_tree.Corp.Sign($"w{i} 300 IN A 192.0.2.1")))).ToList();
        var verdicts = await Task.WhenAll(answers.Select(one =>
            validator.ValidateAsync(Tree.Key($"w{one.i}.corp.example.", RecordType.A), one.Item2, TestContext.Current.CancellationToken)));
        Assert.All(verdicts, verdict => Assert.Equal(Security.Secure, verdict.Security));
        Assert.InRange(_tree.Asked.Count, 5, 10);
    }

    private static int Count(int iterations)
    {
        var budget = new ValidationBudget();
        return Enumerable.Range(0, 1000).TakeWhile(_ => budget.TryHash(iterations)).Count();
    }

    private static int Left(ValidationBudget budget) => Enumerable.Range(0, 1000).TakeWhile(_ => budget.TrySignature()).Count();

    private static ResourceRecord Wrong(ResourceRecord signature, int number)
    {
        var wire = signature.Data.Wire.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(wire.AsSpan(wire.Length - 4), BinaryPrimitives.ReadInt32BigEndian(wire.AsSpan(wire.Length - 4)) ^ (number + 1));
        return signature with { Data = new RData(wire) };
    }
}
