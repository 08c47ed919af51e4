using Edge.Dns.Resolver;
using Edge.Dns.Resolver.Validation;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Resolver.Validation;

/// <summary>RFC 5155 §8: denial by NSEC3, and RFC 8198 with it.</summary>
public sealed class HashedDenialTests
{
    private static readonly (string, RecordType[])[] Names =
    [
        ("@", [RecordType.SOA, RecordType.NS, RecordType.RRSIG]), ("www", [RecordType.A, RecordType.RRSIG]), ("ent", []), ("a.ent", [RecordType.A, RecordType.RRSIG]),
        ("wild", []), ("*.wild", [RecordType.A, RecordType.RRSIG]), ("sub", [RecordType.NS]), ("alias", [RecordType.CNAME, RecordType.RRSIG]), ("d", [RecordType.DNAME, RecordType.RRSIG]),
    ];

    private readonly Tree _tree = new();

    [Theory]
    [InlineData("nothing", RecordType.A, Rcode.NxDomain, "Secure")]
    [InlineData("a.b.c.d.e.nothing", RecordType.A, Rcode.NxDomain, "Secure")]
    [InlineData("www", RecordType.A, Rcode.NxDomain, "Bogus")]
    [InlineData("a.sub", RecordType.A, Rcode.NxDomain, "Bogus")]
    [InlineData("a.d", RecordType.A, Rcode.NxDomain, "Bogus")]
    [InlineData("q.wild", RecordType.A, Rcode.NxDomain, "Bogus")]
    [InlineData("www", RecordType.AAAA, Rcode.NoError, "Secure")]
    [InlineData("www", RecordType.A, Rcode.NoError, "Bogus")]
    [InlineData("alias", RecordType.A, Rcode.NoError, "Bogus")]
    [InlineData("ent", RecordType.A, Rcode.NoError, "Secure")]
    [InlineData("nothing", RecordType.A, Rcode.NoError, "Bogus")]
    [InlineData("q.wild", RecordType.MX, Rcode.NoError, "Secure")]
    [InlineData("q.wild", RecordType.A, Rcode.NoError, "Bogus")]
    [InlineData("sub", RecordType.DS, Rcode.NoError, "Secure")]
    [InlineData("sub", RecordType.A, Rcode.NoError, "Bogus")]
    public async Task Every_kind_of_denial(string name, RecordType type, Rcode rcode, string security)
    {
        var verdict = await Judge(_tree.Corp.Nsec3(0, false, Names), name, type, rcode);
        Assert.True(security == $"{verdict.Security}", $"{verdict}");
    }

    [Theory]
    [InlineData("nothing", RecordType.A, Rcode.NxDomain)]
    [InlineData("nothing", RecordType.DS, Rcode.NoError)]
    public async Task RFC_5155_9_2_what_an_opt_out_may_hide_is_not_secure(string name, RecordType type, Rcode rcode) =>
        Assert.Equal(Security.Insecure, (await Judge(_tree.Corp.Nsec3(0, true, Names), name, type, rcode)).Security);

    [Theory]
    [InlineData(100, "Secure", ExtendedErrorCode.Other)]
    [InlineData(101, "Insecure", ExtendedErrorCode.UnsupportedNsec3Iterations)]
    [InlineData(2500, "Insecure", ExtendedErrorCode.UnsupportedNsec3Iterations)]
    public async Task RFC_9276_3_2_with_too_many_iterations_a_zone_counts_as_unsigned(int iterations, string security, ExtendedErrorCode code)
    {
        var verdict = await Judge(_tree.Corp.Nsec3(iterations, false, Names), "nothing", RecordType.A, Rcode.NxDomain);
        Assert.Equal((security, code), ($"{verdict.Security}", verdict.Code));
    }

    [Fact]
    public async Task Iterations_that_nobody_signed_make_nothing_unsigned()
    {
        var chain = _tree.Corp.Nsec3(0, false, Names);
        foreach (var link in chain)
        {
            var data = link[0].Data.Wire.ToArray();
            data[2] = 9;
            link[0] = link[0] with { Data = new RData(data) };
        }

        Assert.Equal(Security.Bogus, (await Judge(chain, "nothing", RecordType.A, Rcode.NxDomain)).Security);
    }

    [Fact]
    public async Task CVE_2023_50868_the_hashes_of_one_answer_are_limited()
    {
        var chain = _tree.Corp.Nsec3(100, false, Names);
        var deep = string.Concat(Enumerable.Repeat("a.", 50)) + "nothing";
        var verdict = await Judge(chain, deep, RecordType.A, Rcode.NxDomain);
        Assert.True(verdict.Fails);
        Assert.Equal(Security.Secure, (await Judge(_tree.Corp.Nsec3(0, false, Names), deep, RecordType.A, Rcode.NxDomain)).Security);
    }

    [Fact]
    public async Task RFC_8198_names_in_gaps_that_are_known_need_no_question()
    {
        var chain = _tree.Corp.Nsec3(0, false, Names);
        var validator = _tree.Validator();
        await validator.ValidateAsync(Tree.Key("nothing.corp.example.", RecordType.A), Answer(chain, Rcode.NxDomain), TestContext.Current.CancellationToken);
        foreach (var name in Enumerable.Range(0, 200).Select(i => $"n{i}.corp.example."))
        {
            var known = validator.Synthesise(Tree.Key(name, RecordType.A));
            Assert.Equal(Rcode.NxDomain, known?.Rcode);
            // What it says has to convince others as well.
            Assert.Equal(Security.Secure, (await _tree.Judge(name, RecordType.A, known!)).Security);
        }

        Assert.Equal(Rcode.NoError, validator.Synthesise(Tree.Key("www.corp.example.", RecordType.MX))?.Rcode);
        Assert.Null(validator.Synthesise(Tree.Key("www.corp.example.", RecordType.A)));
        Assert.Null(validator.Synthesise(Tree.Key("a.sub.corp.example.", RecordType.A)));
        Assert.Null(validator.Synthesise(Tree.Key("q.wild.corp.example.", RecordType.A)));
    }

    [Fact]
    public async Task RFC_8198_proofs_with_an_opt_out_answer_for_no_other_name()
    {
        var validator = _tree.Validator();
        await validator.ValidateAsync(Tree.Key("nothing.corp.example.", RecordType.A), Answer(_tree.Corp.Nsec3(0, true, Names), Rcode.NxDomain), TestContext.Current.CancellationToken);
        Assert.Null(validator.Synthesise(Tree.Key("other.corp.example.", RecordType.A)));
    }

    private Task<Verdict> Judge(List<ResourceRecord[]> chain, string name, RecordType type, Rcode rcode) =>
        _tree.Judge($"{name}.corp.example.", type, Answer(chain, rcode));

    private Message Answer(List<ResourceRecord[]> chain, Rcode rcode) => Tree.Of([], [.. _tree.Corp.Soa, .. chain.SelectMany(link => link)], rcode);
}
