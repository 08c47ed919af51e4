using Edge.Dns.Resolver;
using Edge.Dns.Resolver.Validation;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Resolver.Validation;

/// <summary>The whole forwarder with validation before an upstream that does not validate: AD, CD and DO, extended errors, and proofs that answer for other names.</summary>
public sealed class ForwarderValidationTests : IDisposable
{
    private readonly Tree _tree = new();
    private readonly FakeUpstream _upstream;
    private readonly Forwarder _forwarder;

    public ForwarderValidationTests()
    {
        _upstream = new FakeUpstream(Answer);
        _forwarder = new Forwarder(
            ForwarderClient.Options(_upstream.EndPoint) with { Validation = _tree.Options, RebindingProtection = false, AttemptTimeout = TimeSpan.FromSeconds(5), TotalTimeout = TimeSpan.FromSeconds(15) },
            _tree.Time);
    }

    public void Dispose()
    {
        _forwarder.Dispose();
        _upstream.Dispose();
    }

    [Fact]
    public async Task RFC_6840_5_7_AD_goes_to_those_who_set_AD_or_DO()
    {
        Good();
        var (plain, withAd, withDo) = (await Ask(), await Ask(MessageFlags.AuthenticData), await Ask(dnssec: true));
        Assert.Equal((false, true, true), (IsAuthentic(plain), IsAuthentic(withAd), IsAuthentic(withDo)));
        Assert.Equal([RecordType.A], plain.Answer.Select(record => record.Type));
        Assert.Equal([RecordType.A], withAd.Answer.Select(record => record.Type));
        Assert.Equal([RecordType.A, RecordType.RRSIG], withDo.Answer.Select(record => record.Type));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RFC_4035_5_5_bogus_is_SERVFAIL_with_a_reason_and_CD_gets_it_all_the_same(bool dnssec)
    {
        _tree.Put("www.corp.example.", RecordType.A, Tree.Of([_tree.Corp.Record("www 300 IN A 192.0.2.6"), _tree.Corp.Sign("www 300 IN A 192.0.2.1")[1]]));
        var judged = await Ask(dnssec: dnssec);
        Assert.Equal((Rcode.ServFail, 0, false), (judged.Rcode, judged.Answer.Count, IsAuthentic(judged)));
        Assert.Equal(ExtendedErrorCode.DnssecBogus, judged.ExtendedError()!.Value.Code);
        Assert.Contains("www.corp.example. A", judged.ExtendedError()!.Value.Text, StringComparison.Ordinal);
        var unjudged = await Ask(MessageFlags.CheckingDisabled | MessageFlags.AuthenticData, dnssec);
        Assert.Equal((Rcode.NoError, false, true), (unjudged.Rcode, IsAuthentic(unjudged), unjudged.Flags.HasFlag(MessageFlags.CheckingDisabled)));
        Assert.Equal(dnssec ? 2 : 1, unjudged.Answer.Count);
        // The answer without a check in the cache does not serve those who want one.
        Assert.Equal(Rcode.ServFail, (await Ask(dnssec: dnssec)).Rcode);
    }

    [Fact]
    public async Task Who_validates_asks_with_DO_and_CD_whatever_the_client_says()
    {
        Good();
        await Ask();
        Assert.All(_upstream.Received.Select(FakeUpstream.Parse), query => Assert.True(query.Edns!.DnssecOk && query.Flags.HasFlag(MessageFlags.CheckingDisabled)));
    }

    [Fact]
    public async Task Keys_that_cannot_be_had_are_SERVFAIL_with_the_network_s_reason()
    {
        Good();
        _tree.Put("corp.example.", RecordType.DNSKEY, (Message?)null);
        var answer = await Ask();
        Assert.Equal(Rcode.ServFail, answer.Rcode);
        Assert.Contains(answer.ExtendedError()!.Value.Code, new[] { ExtendedErrorCode.NetworkError, ExtendedErrorCode.NoReachableAuthority });
        Assert.Contains("keys of corp.example.", answer.ExtendedError()!.Value.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_supported_is_answered_with_a_hint_and_without_AD()
    {
        var ds = _tree.Corp.Key.DelegationSigner().Wire.ToArray();
        ds[3] = 99;
        _tree.Put("corp.example.", RecordType.DS, Tree.Of(_tree.Example.Sign(_tree.Corp.Ds with { Data = new RData(ds) })));
        Good();
        var answer = await Ask(dnssec: true);
        Assert.Equal((Rcode.NoError, false, ExtendedErrorCode.UnsupportedDsDigestType), (answer.Rcode, IsAuthentic(answer), answer.ExtendedError()!.Value.Code));
    }

    [Fact]
    public async Task RFC_4035_5_3_3_no_TTL_outlives_the_signature()
    {
        _tree.Corp.Times = _tree.Corp.Times with { Expiration = Tree.Epoch.AddSeconds(40).ToUnixTimeSeconds() };
        _tree.Put("www.corp.example.", RecordType.A, Tree.Of(_tree.Corp.Sign("www 86400 IN A 192.0.2.1")));
        Assert.All((await Ask(dnssec: true)).Answer, record => Assert.Equal(40u, record.Ttl));
    }

    [Fact]
    public async Task What_is_stale_is_served_without_AD()
    {
        Good();
        Assert.True(IsAuthentic(await Ask(dnssec: true)));
        _tree.Put("www.corp.example.", RecordType.A, (Message?)null);
        _tree.Time.Advance(TimeSpan.FromSeconds(301));
        var stale = await Ask(dnssec: true);
        Assert.Equal((Rcode.NoError, ExtendedErrorCode.StaleAnswer, false), (stale.Rcode, stale.ExtendedError()!.Value.Code, IsAuthentic(stale)));
    }

    [Fact]
    public async Task RFC_8198_a_flood_of_random_names_reaches_the_upstream_once()
    {
        PutGap("m", "n");
        for (var i = 0; i < 500; i++)
        {
            _tree.Put($"m{i}x.corp.example.", RecordType.A, Gap("m", "n"));
            var answer = await Ask(name: $"m{i}x.corp.example.", dnssec: i % 2 == 0);
            Assert.Equal((Rcode.NxDomain, i % 2 == 0), (answer.Rcode, IsAuthentic(answer)));
            Assert.Equal(i % 2 == 0 ? [RecordType.NSEC, RecordType.NSEC, RecordType.RRSIG, RecordType.RRSIG, RecordType.RRSIG, RecordType.SOA] : [RecordType.SOA],
                answer.Authority.Select(record => record.Type).Order(Comparer<RecordType>.Create((a, b) => string.CompareOrdinal($"{a}", $"{b}"))));
        }

        // One question and the keys of three zones.
        Assert.Equal(6, _tree.Asked.Count);
    }

    [Fact]
    public async Task RFC_8198_5_4_a_proof_answers_as_long_as_a_negative_answer_holds_and_no_longer()
    {
        PutGap("m", "n");
        await Ask(name: "m1.corp.example.");
        _tree.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(Rcode.NxDomain, (await Ask(name: "m2.corp.example.")).Rcode);
        Assert.DoesNotContain(_tree.Asked, key => key.Name == Name.Parse("m2.corp.example."));
        _tree.Time.Advance(TimeSpan.FromSeconds(2));
        await Ask(name: "m3.corp.example.");
        Assert.Contains(_tree.Asked, key => key.Name == Name.Parse("m3.corp.example."));
    }

    [Theory]
    [InlineData("www.corp.example.", RecordType.MX, true)]
    [InlineData("www.corp.example.", RecordType.A, false)]
    [InlineData("a.sub.corp.example.", RecordType.A, false)]
    [InlineData("sub.corp.example.", RecordType.DS, true)]
    [InlineData("sub.corp.example.", RecordType.A, false)]
    [InlineData("ent.corp.example.", RecordType.A, true)]
    [InlineData("www.corp.example.", RecordType.ANY, false)]
    [InlineData("x.www.corp.example.", RecordType.A, true)]
    public async Task What_follows_from_proofs_and_what_does_not(string name, RecordType type, bool follows)
    {
        var corp = _tree.Corp;
        _tree.Put("q.corp.example.", RecordType.A, Tree.Of([], [.. corp.Soa, .. corp.Nsec("@", "a.ent", RecordType.SOA, RecordType.NS), .. corp.Nsec("k", "sub", RecordType.A)], Rcode.NxDomain));
        _tree.Put("sub.corp.example.", RecordType.DS, Tree.Of([], [.. corp.Soa, .. corp.Nsec("sub", "www", RecordType.NS)]));
        _tree.Put("www.corp.example.", RecordType.TXT, Tree.Of([], [.. corp.Soa, .. corp.Nsec("www", "zz", RecordType.A)]));
        await Ask(name: "q.corp.example.");
        await Ask(name: "sub.corp.example.", type: RecordType.DS);
        await Ask(name: "www.corp.example.", type: RecordType.TXT);
        var before = _tree.Asked.Count(key => key.Name == Name.Parse(name) && key.Type == type);
        var flags = (await Ask(name: name, type: type, dnssec: true)).Flags;
        var asked = _tree.Asked.Count(key => key.Name == Name.Parse(name) && key.Type == type) > before;
        Assert.Equal(follows, flags.HasFlag(MessageFlags.AuthenticData));
        Assert.True(follows != asked || name == "sub.corp.example.");
    }

    private static bool IsAuthentic(Message message) => message.Flags.HasFlag(MessageFlags.AuthenticData);

    private Message Gap(string owner, string next) => Tree.Of(
        [], [.. _tree.Corp.Soa, .. _tree.Corp.Nsec("@", "a", RecordType.SOA, RecordType.NS), .. _tree.Corp.Nsec(owner, next, RecordType.A)], Rcode.NxDomain);

    private void PutGap(string owner, string next)
    {
        foreach (var name in new[] { "m1", "m2", "m3" })
        {
            _tree.Put($"{name}.corp.example.", RecordType.A, Gap(owner, next));
        }
    }

    private void Good() => _tree.Put("www.corp.example.", RecordType.A, Tree.Of(_tree.Corp.Sign("www 300 IN A 192.0.2.1")));

    private async Task<Message> Ask(MessageFlags flags = MessageFlags.None, bool dnssec = false, string name = "www.corp.example.", RecordType type = RecordType.A)
    {
        var answer = new byte[65535];
        var query = ForwarderClient.Query(name, type, edns: new Edns(4096, dnssec), flags: MessageFlags.RecursionDesired | flags);
        var length = await _forwarder.ResolveAsync(query, answer, answer.Length, TestContext.Current.CancellationToken).AsTask().WaitAsync(ForwarderClient.Patience);
        return FakeUpstream.Parse(answer[..length]);
    }

    private Message? Answer(Message query)
    {
        var found = _tree.AskAsync(new QuestionKey(query.Questions[0].Name, query.Questions[0].Type, QuestionKey.Flags(query.Edns?.DnssecOk == true, query.Flags.HasFlag(MessageFlags.CheckingDisabled))), default).Result.Message;
        var reply = Tree.Of(found?.Answer ?? [], found?.Authority, found?.Rcode ?? Rcode.ServFail);
        reply.Id = query.Id;
        reply.Flags |= query.Flags & MessageFlags.RecursionDesired;
        reply.Questions.AddRange(query.Questions);
        reply.Edns = new Edns(4096, query.Edns?.DnssecOk == true);
        return reply;
    }
}
