using System.Collections.Immutable;
using System.Security.Cryptography;
using Edge.Dns.Dnssec;
using Edge.Dns.Resolver;
using Edge.Dns.Resolver.Validation;
using Edge.Dns.Signing;
using Edge.Dns.Signing.Keys;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Xunit;

namespace Edge.Dns.Tests.Resolver.Validation;

/// <summary>RFC 4035 §5 and its updates, case by case, in a tree whose keys the tests hold.</summary>
public sealed class VerdictTests
{
    private readonly Tree _tree = new();

    [Theory]
    [InlineData(SigningAlgorithm.EcdsaP256Sha256)]
    [InlineData(SigningAlgorithm.Ed25519)]
    public async Task A_chain_from_the_anchor_is_secure(SigningAlgorithm algorithm)
    {
        var tree = new Tree(algorithm);
        var verdict = await tree.Judge("www.corp.example.", RecordType.A, Tree.Of(tree.Corp.Sign("www 300 IN A 192.0.2.1", "www 300 IN A 192.0.2.2")));
        Assert.Equal((Security.Secure, TimeSpan.FromSeconds(300)), (verdict.Security, verdict.Lifetime));
        Assert.All(tree.Asked, key => Assert.True(key.DnssecOk && key.CheckingDisabled));
    }

    [Fact]
    public async Task Keys_are_asked_for_once()
    {
        var validator = _tree.Validator();
        for (var i = 0; i < 5; i++)
        {
            var answer = Tree.Of(_tree.Corp.Sign($"www{i} 300 IN A 192.0.2.1"));
            Assert.Equal(Security.Secure, (await validator.ValidateAsync(Tree.Key($"www{i}.corp.example.", RecordType.A), answer, TestContext.Current.CancellationToken)).Security);
        }

        Assert.Equal(5, _tree.Asked.Count);
    }

    [Fact]
    public async Task RFC_4035_5_3_3_the_signature_caps_the_lifetime()
    {
        var corp = _tree.Corp;
        corp.Times = corp.Times with { Expiration = Tree.Epoch.AddSeconds(90).ToUnixTimeSeconds() };
        var verdict = await _tree.Judge("www.corp.example.", RecordType.A, Tree.Of(corp.Sign("www 86400 IN A 192.0.2.1")));
        Assert.Equal((Security.Secure, TimeSpan.FromSeconds(90)), (verdict.Security, verdict.Lifetime));
    }

    [Theory]
    [InlineData(-86400 * 30, -86400 * 3, ExtendedErrorCode.SignatureExpired)]
    [InlineData(86400 * 3, 86400 * 30, ExtendedErrorCode.SignatureNotYetValid)]
    [InlineData(-86400 * 30, -3600, null)]
    [InlineData(1800, 86400 * 30, null)]
    public async Task A_clock_may_be_wrong_by_a_tenth_of_the_validity_and_a_day_at_most(int inception, int expiration, ExtendedErrorCode? wrong)
    {
        var now = Tree.Epoch.ToUnixTimeSeconds();
        var good = _tree.Corp.Times;
        _tree.Put("corp.example.", RecordType.DNSKEY, Tree.Of(_tree.Corp.Keys));
        _tree.Corp.Times = good with { Inception = now + inception, Expiration = now + expiration };
        var verdict = await _tree.Judge("www.corp.example.", RecordType.A, Tree.Of(_tree.Corp.Sign("www 300 IN A 192.0.2.1")));
        Assert.Equal(wrong is null ? (Security.Secure, ExtendedErrorCode.Other) : (Security.Bogus, wrong), (verdict.Security, verdict.Code));
    }

    [Fact]
    public async Task Signatures_that_are_missing_or_wrong_are_bogus_with_their_code()
    {
        var signed = _tree.Corp.Sign("www 300 IN A 192.0.2.1");
        await Bogus(ExtendedErrorCode.RrsigsMissing, Tree.Of([signed[0]]));
        await Bogus(ExtendedErrorCode.DnssecBogus, Tree.Of([signed[0] with { Data = new RData([192, 0, 2, 9]) }, signed[1]]));
        await Bogus(ExtendedErrorCode.RrsigsMissing, Tree.Of([signed[0], new ResourceRecord(signed[0].Owner, RecordType.RRSIG, 300, new RData([1, 2, 3]))]));
        var stranger = new SigningZone("corp.example.") { Times = _tree.Corp.Times };
        await Bogus(ExtendedErrorCode.DnskeyMissing, Tree.Of(stranger.Sign("www 300 IN A 192.0.2.1")));

        async Task Bogus(ExtendedErrorCode code, Message answer)
        {
            var verdict = await _tree.Judge("www.corp.example.", RecordType.A, answer);
            Assert.Equal((Security.Bogus, code), (verdict.Security, verdict.Code));
        }
    }

    [Fact]
    public async Task A_parent_may_not_sign_for_its_child_s_sibling_nor_a_name_that_is_no_zone()
    {
        var verdict = await _tree.Judge("www.corp.example.", RecordType.A, Tree.Of(new SigningZone("other.example.") { Times = _tree.Corp.Times }.Sign("www.corp.example. 300 IN A 192.0.2.1")));
        Assert.Equal(Security.Bogus, verdict.Security);
        var fake = new SigningZone("www.corp.example.") { Times = _tree.Corp.Times };
        _tree.Put("www.corp.example.", RecordType.DNSKEY, Tree.Of(fake.Keys));
        _tree.Put("www.corp.example.", RecordType.DS, Tree.Of([], [.. _tree.Corp.Soa, .. _tree.Corp.Nsec("www", "zzz", RecordType.A)]));
        Assert.Equal(Security.Bogus, (await _tree.Judge("www.corp.example.", RecordType.A, Tree.Of(fake.Sign("@ 300 IN A 192.0.2.1")))).Security);
    }

    [Fact]
    public async Task Keys_that_cannot_be_had_are_no_reason_to_call_the_answer_bogus()
    {
        _tree.Put("corp.example.", RecordType.DNSKEY, (Message?)null);
        var verdict = await _tree.Judge("www.corp.example.", RecordType.A, Tree.Of(_tree.Corp.Sign("www 300 IN A 192.0.2.1")));
        Assert.Equal((Security.Indeterminate, ExtendedErrorCode.NetworkError, true), (verdict.Security, verdict.Code, verdict.Fails));
    }

    [Fact]
    public async Task RFC_4035_5_2_a_delegation_without_DS_is_unsigned_and_so_is_all_below()
    {
        _tree.Put("corp.example.", RecordType.DS, Tree.Of([], [.. _tree.Example.Soa, .. _tree.Example.Nsec("corp", "zzz", RecordType.NS)]));
        Assert.Equal(Security.Insecure, (await _tree.Judge("a.b.corp.example.", RecordType.A, Tree.Of([_tree.Corp.Record("a.b 300 IN A 192.0.2.1")]))).Security);
        Assert.Equal(Security.Insecure, (await _tree.Judge("none.corp.example.", RecordType.A, Tree.Of([], rcode: Rcode.NxDomain))).Security);
    }

    [Fact]
    public async Task Below_what_is_known_to_be_unsigned_or_not_to_be_nothing_is_asked()
    {
        _tree.Put("corp.example.", RecordType.DS, Tree.Of([], [.. _tree.Example.Soa, .. _tree.Example.Nsec("corp", "zzz", RecordType.NS)]));
        var validator = _tree.Validator();
        for (var i = 0; i < 10; i++)
        {
            var verdict = await validator.ValidateAsync(
                Tree.Key($"a.b.w{i}.corp.example.", RecordType.A), Tree.Of([_tree.Corp.Record($"a.b.w{i} 300 IN A 192.0.2.1")]), TestContext.Current.CancellationToken);
            Assert.Equal(Security.Insecure, verdict.Security);
        }

        // The root's keys, the DS and the keys of "example.", and that "corp.example." has no DS.
        Assert.Equal(4, _tree.Asked.Count);
    }

    [Theory]
    [InlineData(false, 200, ExtendedErrorCode.UnsupportedDsDigestType)]
    [InlineData(true, 200, ExtendedErrorCode.UnsupportedDnskeyAlgorithm)]
    [InlineData(true, 5, ExtendedErrorCode.UnsupportedDnskeyAlgorithm)]
    public async Task RFC_6840_5_2_what_is_not_supported_counts_as_unsigned(bool algorithm, byte number, ExtendedErrorCode code)
    {
        var ds = _tree.Corp.Key.DelegationSigner().Wire.ToArray();
        ds[algorithm ? 2 : 3] = number;
        _tree.Put("corp.example.", RecordType.DS, Tree.Of(_tree.Example.Sign(_tree.Corp.Ds with { Data = new RData(ds) })));
        var verdict = await _tree.Judge("www.corp.example.", RecordType.A, Tree.Of(_tree.Corp.Sign("www 300 IN A 192.0.2.1")));
        Assert.Equal((Security.Insecure, code), (verdict.Security, verdict.Code));
    }

    [Fact]
    public async Task RFC_4509_3_a_SHA_1_digest_does_not_count_beside_one_of_SHA_256()
    {
        var key = _tree.Corp.Key;
        var sha1 = _tree.Corp.Ds with { Data = new RData(KeyDigest.DelegationSigner(_tree.Corp.Origin.Wire, key.Dnskey.Wire, KeyDigest.Sha1)) };
        var wrong = key.DelegationSigner().Wire.ToArray();
        wrong[^1] ^= 1;
        Assert.Equal(Security.Secure, await With(sha1));
        Assert.Equal(Security.Bogus, await With(sha1, _tree.Corp.Ds with { Data = new RData(wrong) }));

        async Task<Security> With(params ResourceRecord[] ds)
        {
            _tree.Put("corp.example.", RecordType.DS, Tree.Of(_tree.Example.Sign(ds)));
            return (await _tree.Judge("www.corp.example.", RecordType.A, Tree.Of(_tree.Corp.Sign("www 300 IN A 192.0.2.1")))).Security;
        }
    }

    [Theory]
    [InlineData(0, 0x00)]
    [InlineData(1, 0x81)]
    [InlineData(2, 0x02)]
    public async Task Keys_without_the_ZONE_flag_revoked_or_of_another_protocol_sign_nothing(int place, byte value)
    {
        var data = _tree.Corp.Key.Dnskey.Wire.ToArray();
        data[place] = value;
        var key = new ResourceRecord(_tree.Corp.Origin, RecordType.DNSKEY, 3600, new RData(data));
        _tree.Put("corp.example.", RecordType.DS, Tree.Of(_tree.Example.Sign(_tree.Corp.Ds with { Data = new RData(KeyDigest.DelegationSigner(_tree.Corp.Origin.Wire, data)) })));
        _tree.Put("corp.example.", RecordType.DNSKEY, Tree.Of(_tree.Corp.Sign(key)));
        var verdict = await _tree.Judge("www.corp.example.", RecordType.A, Tree.Of(_tree.Corp.Sign("www 300 IN A 192.0.2.1")));
        Assert.Equal((Security.Bogus, ExtendedErrorCode.DnskeyMissing), (verdict.Security, verdict.Code));
    }

    [Fact]
    public async Task A_chain_of_aliases_is_as_good_as_its_weakest_link()
    {
        var alias = _tree.Corp.Sign("www 300 IN CNAME web.plain.example.");
        var target = _tree.Example.Record("web.plain 300 IN A 192.0.2.1");
        _tree.Put("plain.example.", RecordType.DS, Tree.Of([], [.. _tree.Example.Soa, .. _tree.Example.Nsec("plain", "zzz", RecordType.NS)]));
        Assert.Equal(Security.Insecure, (await _tree.Judge("www.corp.example.", RecordType.A, Tree.Of([.. alias, target]))).Security);
        Assert.Equal(Security.Bogus, (await _tree.Judge("www.corp.example.", RecordType.A, Tree.Of([alias[0], target]))).Security);
        var mixed = _tree.Corp.Sign("www 300 IN CNAME web.example.");
        Assert.Equal(Security.Secure, (await _tree.Judge("www.corp.example.", RecordType.A, Tree.Of([.. mixed, .. _tree.Example.Sign("web 60 IN A 192.0.2.1")]))).Security);
        Assert.Equal(Security.Bogus, (await _tree.Judge("www.corp.example.", RecordType.A, Tree.Of([.. mixed, _tree.Example.Record("web 60 IN A 192.0.2.1")]))).Security);
    }

    [Fact]
    public async Task RFC_6672_5_3_1_a_CNAME_that_follows_from_a_signed_DNAME_needs_no_signature()
    {
        var dname = _tree.Corp.Sign("old 300 IN DNAME new.example.");
        var made = _tree.Corp.Record("a.old 300 IN CNAME a.new.example.");
        var end = _tree.Example.Sign("a.new 60 IN A 192.0.2.1");
        Assert.Equal(Security.Secure, (await _tree.Judge("a.old.corp.example.", RecordType.A, Tree.Of([.. dname, made, .. end]))).Security);
        Assert.Equal(Security.Bogus, (await _tree.Judge("a.old.corp.example.", RecordType.A, Tree.Of([dname[0], made, .. end]))).Security);
    }

    [Fact]
    public async Task RFC_4035_5_3_4_a_wildcard_answers_only_with_the_proof_that_nothing_is_closer()
    {
        var corp = _tree.Corp;
        var answer = corp.Sign(corp.Relative("*.wild"), [corp.Record("a.b.wild 300 IN A 192.0.2.1")], [corp.Key]);
        var proof = corp.Nsec("*.wild", "www", RecordType.A);
        Assert.Equal(Security.Secure, (await _tree.Judge("a.b.wild.corp.example.", RecordType.A, Tree.Of(answer, proof))).Security);
        Assert.Equal(Security.Bogus, (await _tree.Judge("a.b.wild.corp.example.", RecordType.A, Tree.Of(answer))).Security);
        // Something is there below "b", and so "b" is.
        Assert.Equal(Security.Bogus, (await _tree.Judge("a.b.wild.corp.example.", RecordType.A, Tree.Of(answer, corp.Nsec("*.wild", "z.b.wild", RecordType.A)))).Security);
        Assert.Equal(Security.Bogus, (await _tree.Judge("a.b.wild.corp.example.", RecordType.A, Tree.Of(answer, corp.Nsec("a", "b", RecordType.A)))).Security);
    }

    public static TheoryData<string, string, RecordType, Rcode, string, bool> Denials => new()
    {
        { "no name", "m", RecordType.A, Rcode.NxDomain, "@ b SOA NS; k n A", true },
        { "no name, the last gap", "zz", RecordType.A, Rcode.NxDomain, "@ b SOA NS; z @ A", true },
        { "no name, the wildcard not denied", "m", RecordType.A, Rcode.NxDomain, "k n A", false },
        { "no name, the gap elsewhere", "m", RecordType.A, Rcode.NxDomain, "@ b SOA NS; a k A", false },
        { "no name, the gap ends at the name", "m", RecordType.A, Rcode.NxDomain, "@ b SOA NS; k m A", false },
        { "no name, said of an empty non-terminal", "m", RecordType.A, Rcode.NxDomain, "@ b SOA NS; k a.m A", false },
        { "no name, said from above a delegation (RFC 6840 4.1)", "a.sub", RecordType.A, Rcode.NxDomain, "@ b SOA NS; sub t NS", false },
        { "no name, said from above a DNAME (RFC 6840 4.1)", "a.d", RecordType.A, Rcode.NxDomain, "@ b SOA NS; d t DNAME", false },
        { "no type", "www", RecordType.AAAA, Rcode.NoError, "www x A", true },
        { "no type, and it is there", "www", RecordType.A, Rcode.NoError, "www x A", false },
        { "no type, and it is an alias", "www", RecordType.A, Rcode.NoError, "www x CNAME", false },
        { "no type at an empty non-terminal", "ent", RecordType.A, Rcode.NoError, "b a.ent A", true },
        { "no type at a wildcard", "q.wild", RecordType.MX, Rcode.NoError, "*.wild www A", true },
        { "no type at a wildcard that has it", "q.wild", RecordType.A, Rcode.NoError, "*.wild www A", false },
        { "no type at a wildcard, the name not denied", "a.wild", RecordType.MX, Rcode.NoError, "*.wild a.wild A", false },
        { "no type, said from above a delegation", "sub", RecordType.A, Rcode.NoError, "sub t NS", false },
        { "no DS at a delegation", "sub", RecordType.DS, Rcode.NoError, "sub t NS", true },
        { "no DS, said by the child", "sub", RecordType.DS, Rcode.NoError, "sub t NS SOA", false },
        { "nothing at all", "www", RecordType.AAAA, Rcode.NoError, "", false },
        { "RFC 9824 3.1: a name that is not there, as NODATA", "m", RecordType.A, Rcode.NoError, "m \\000.m NXNAME", true },
        { "RFC 9824 5.1: the same with NXDOMAIN", "m", RecordType.A, Rcode.NxDomain, "m \\000.m NXNAME", true },
    };

    [Theory]
    [MemberData(nameof(Denials))]
    public async Task RFC_4035_5_4_denial_by_NSEC(string what, string name, RecordType type, Rcode rcode, string proofs, bool isProven)
    {
        var corp = _tree.Corp;
        var records = proofs.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(line => line.Split(' ')).SelectMany(words =>
            corp.Nsec(words[0], words[1], [.. words[2..].Select(Enum.Parse<RecordType>)]));
        var verdict = await _tree.Judge($"{name}.corp.example.", type, Tree.Of([], [.. corp.Soa, .. records], rcode));
        Assert.True((isProven ? Security.Secure : Security.Bogus) == verdict.Security, $"{what}: {verdict}");
        Assert.True(isProven || verdict.Code is ExtendedErrorCode.NsecMissing, $"{what}: {verdict}");
    }

    [Fact]
    public async Task Proofs_of_the_zone_above_for_an_alias_do_not_stand_for_those_of_the_zone_below()
    {
        var (example, corp) = (_tree.Example, _tree.Corp);
        var alias = example.Sign(example.Relative("*.wild"), [example.Record("a.wild 300 IN CNAME m.corp.example.")], [example.Key]);
        var authority = (ResourceRecord[])[.. example.Nsec("*.wild", "x.wild", RecordType.CNAME), .. corp.Soa, .. corp.Nsec("@", "b", RecordType.SOA, RecordType.NS), .. corp.Nsec("k", "n", RecordType.A)];
        Assert.Equal(Security.Secure, (await _tree.Judge("a.wild.example.", RecordType.A, Tree.Of(alias, authority, Rcode.NxDomain))).Security);
        Assert.Equal(Security.Bogus, (await _tree.Judge("a.wild.example.", RecordType.A, Tree.Of(alias, authority[2..], Rcode.NxDomain))).Security);
        Assert.Equal(Security.Bogus, (await _tree.Judge("a.wild.example.", RecordType.A, Tree.Of(alias, authority[..^2], Rcode.NxDomain))).Security);
    }

    [Fact]
    public async Task The_end_of_an_alias_that_is_denied_by_half_is_asked_for_itself()
    {
        var corp = _tree.Corp;
        var alias = corp.Sign("alias 300 IN CNAME m.corp.example.");
        ResourceRecord[] proof = [.. corp.Soa, .. corp.Nsec("@", "b", RecordType.SOA, RecordType.NS), .. corp.Nsec("k", "n", RecordType.A)];
        _tree.Put("m.corp.example.", RecordType.A, Tree.Of([], proof, Rcode.NxDomain));
        var half = Tree.Of(alias, proof[..^2], Rcode.NxDomain);
        Assert.Equal(Security.Secure, (await _tree.Judge("alias.corp.example.", RecordType.A, half)).Security);
        Assert.Equal((2, 6, Rcode.NxDomain), (half.Answer.Count, half.Authority.Count, half.Rcode));
        _tree.Put("m.corp.example.", RecordType.A, Tree.Of(corp.Sign("m 300 IN A 192.0.2.1")));
        var denied = Tree.Of(alias, proof[..^2], Rcode.NxDomain);
        Assert.Equal((Security.Secure, Rcode.NoError, 4), ((await _tree.Judge("alias.corp.example.", RecordType.A, denied)).Security, denied.Rcode, denied.Answer.Count));
    }

    [Fact]
    public async Task An_NSEC_made_from_a_wildcard_proves_nothing()
    {
        var corp = _tree.Corp;
        var forged = new ResourceRecord(corp.Relative("m"), RecordType.NSEC, 60, corp.Nsec("*", "z", RecordType.TXT)[0].Data);
        var verdict = await _tree.Judge("m.corp.example.", RecordType.A, Tree.Of([], [.. corp.Soa, .. corp.Sign(corp.Relative("*"), [forged], [corp.Key])]));
        Assert.Equal(Security.Bogus, verdict.Security);
    }

    [Fact]
    public async Task What_nobody_verified_does_not_go_along_with_a_secure_answer()
    {
        var stray = new SigningZone("corp.example.") { Times = _tree.Corp.Times }.Nsec("a", "z", RecordType.A);
        var answer = Tree.Of(_tree.Corp.Sign("www 300 IN A 192.0.2.1"), stray);
        Assert.Equal(Security.Secure, (await _tree.Judge("www.corp.example.", RecordType.A, answer)).Security);
        Assert.Empty(answer.Authority);
    }

    [Fact]
    public async Task An_answer_whose_signature_claims_a_signer_above_the_anchor_is_bogus()
    {
        _tree.Put("example.", RecordType.DS, Tree.Of([], [.. _tree.Root.Soa, .. _tree.Root.Nsec("example", "zzz", RecordType.NS)]));
        var options = _tree.Options with { Anchors = [_tree.Root.Ds, _tree.Corp.Ds] };
        var answer = _tree.Corp.Sign("www 300 IN A 192.0.2.1");
        Assert.Equal(Security.Secure, (await _tree.Judge("www.corp.example.", RecordType.A, Tree.Of(answer), options)).Security);
        var above = _tree.Example.Sign("www.corp 300 IN A 192.0.2.1");
        Assert.Equal(Security.Bogus, (await _tree.Judge("www.corp.example.", RecordType.A, Tree.Of(above), options)).Security);
        Assert.Equal(Security.Insecure, (await _tree.Judge("www.example.", RecordType.A, Tree.Of(_tree.Example.Sign("www 300 IN A 192.0.2.1")), options)).Security);
    }

    [Fact]
    public async Task RFC_7646_below_a_negative_anchor_nothing_is_validated_until_it_ends()
    {
        var unsigned = Tree.Of([_tree.Corp.Record("www 300 IN A 192.0.2.1")]);
        var options = _tree.Options with { Negative = [new NegativeAnchor(_tree.Corp.Origin, Tree.Epoch.AddHours(1))] };
        Assert.Equal(Security.Insecure, (await _tree.Judge("www.corp.example.", RecordType.A, unsigned, options)).Security);
        Assert.Equal(Security.Secure, (await _tree.Judge("www.example.", RecordType.A, Tree.Of(_tree.Example.Sign("www 300 IN A 192.0.2.1")), options)).Security);
        _tree.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(Security.Bogus, (await _tree.Judge("www.corp.example.", RecordType.A, unsigned, options)).Security);
    }

    [Fact]
    public async Task Without_an_anchor_above_nothing_is_judged()
    {
        var verdict = await _tree.Judge("www.example.", RecordType.A, Tree.Of([_tree.Example.Record("www 300 IN A 192.0.2.1")]), _tree.Options with { Anchors = [_tree.Corp.Ds] });
        Assert.Equal(Security.Insecure, verdict.Security);
        Assert.Empty(_tree.Asked);
    }
}
