using System.Net;
using System.Security.Cryptography.X509Certificates;
using Edge.Acme;
using Xunit;

namespace Edge.Tests.Certificates.Acme;

/// <summary>What an order says and which chain is taken.</summary>
public sealed class ChoicesTests : IDisposable
{
    private readonly TestIssuer _ca = new();

    [Theory]
    [InlineData("""{"profiles":{"classic":"x","tlsserver":"y"}}""", null, "tlsserver")]
    [InlineData("""{"profiles":{"classic":"x"}}""", null, null)]
    [InlineData("""{}""", null, null)]
    [InlineData("""{"profiles":{"classic":"x","shortlived":"y"}}""", "shortlived", "shortlived")]
    [InlineData("""{"profiles":{"tlsserver":"y"}}""", "", null)]
    [InlineData("""{"profiles":["a","list"]}""", null, null)]
    public async Task The_profile_is_the_usual_one_where_it_is_offered_or_the_one_that_is_set(string meta, string? set, string? ordered)
    {
        (_ca.Server.Meta, _ca.Choices) = (meta, new IssuerChoices(set));
        await IssueAsync();
        Assert.Equal(ordered, Assert.Single(_ca.Server.Orders).Profile);
    }

    /// <summary>Let's Encrypt gives addresses under that profile alone; names at the same CA keep theirs.</summary>
    [Theory]
    [InlineData("""{"profiles":{"classic":"x","tlsserver":"y","shortlived":"z"}}""", null, "203.0.113.10", "shortlived")]
    [InlineData("""{"profiles":{"classic":"x","tlsserver":"y","shortlived":"z"}}""", null, "nas.example.com", "tlsserver")]
    [InlineData("""{"profiles":{"classic":"x","tlsserver":"y"}}""", null, "203.0.113.10", "tlsserver")]
    [InlineData("""{"profiles":{"classic":"x","tlsserver":"y","shortlived":"z"}}""", "classic", "203.0.113.10", "classic")]
    [InlineData("""{"profiles":{"classic":"x","tlsserver":"y","shortlived":"z"}}""", "", "203.0.113.10", null)]
    public async Task An_address_is_ordered_under_the_profile_of_addresses_unless_another_is_set(string meta, string? set, string name, string? ordered)
    {
        (_ca.Server.Meta, _ca.Choices) = (meta, new IssuerChoices(set));
        _ca.Server.Offer.Challenges = ["http-01"];
        await _ca.With(new HttpChallenges()).Start().IssueAsync(new IssuanceRequest([name]), TestContext.Current.CancellationToken);
        Assert.Equal(ordered, Assert.Single(_ca.Server.Orders).Profile);
    }

    [Theory]
    [InlineData("""{"profiles":{"shortlived":"x"}}""", "shortlived", "shortlived")]
    [InlineData("""{"profiles":{"classic":"x"}}""", "shortlived", null)]
    [InlineData("""{"profiles":{"tlsserver":"x"}}""", null, "tlsserver")]
    public async Task A_test_CA_is_asked_for_the_same_profile_where_it_has_it(string meta, string? set, string? ordered)
    {
        (_ca.Server.Meta, _ca.Choices) = (meta, new IssuerChoices(set) { IsTest = true });
        await IssueAsync();
        Assert.Equal(ordered, Assert.Single(_ca.Server.Orders).Profile);
    }

    [Fact]
    public async Task A_profile_that_is_not_offered_is_told_with_those_that_are_and_not_ordered()
    {
        (_ca.Server.Meta, _ca.Choices) = ("""{"profiles":{"classic":"x","tlsserver":"y"}}""", new IssuerChoices("shortlived"));
        Assert.Contains("no profile \"shortlived\", only classic, tlsserver", (await Assert.ThrowsAsync<AcmeException>(IssueAsync)).Message);
        Assert.Empty(_ca.Server.Orders);
    }

    [Theory]
    [InlineData(null, "CN=Fake Root")]
    [InlineData("Fake Root", "CN=Fake Root")]
    [InlineData("other root", "CN=Other Root")]
    [InlineData("A Root Nobody Has", "CN=Fake Root")]
    public async Task The_chain_is_the_one_that_leads_to_the_root_that_is_set(string? root, string issuer)
    {
        _ca.Choices = new IssuerChoices(null, root);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem((await IssueAsync()).ChainPem);
        Assert.Equal(2, chain.Count);
        Assert.Equal(issuer, chain[1].Issuer);
    }

    [Fact]
    public async Task An_order_says_what_it_replaces_only_to_a_CA_that_offers_renewal_information()
    {
        var issuer = _ca.Start();
        using var held = X509Certificate2.CreateFromPem((await IssueAsync()).ChainPem);
        issuer.Settle(["nas.example.com"]);
        await issuer.IssueAsync(new IssuanceRequest(["nas.example.com"]) { Held = held }, TestContext.Current.CancellationToken);
        issuer.Settle(["nas.example.com"]);
        _ca.Server.RenewalInfo = _ => new HttpResponseMessage(HttpStatusCode.NotFound);
        issuer = _ca.Start();
        await issuer.IssueAsync(new IssuanceRequest(["nas.example.com"]) { Held = held }, TestContext.Current.CancellationToken);
        Assert.Equal([null, null, CertificateIdentity.Of(held)], _ca.Server.Orders.Select(order => order.Replaces));
    }

    [Fact]
    public async Task An_address_is_ordered_as_one_and_proven_by_http()
    {
        var http = new HttpChallenges();
        _ca.With(new Edge.Certificates.DnsSolver(ChallengeType.Dns01, _ca.Challenges, (owner, _) => ValueTask.FromResult(owner), _ => null), http);
        _ca.Server.Offer.Challenges = ["dns-01", "http-01", "tls-alpn-01"];
        var issued = await _ca.Start().IssueAsync(new IssuanceRequest(["203.0.113.10"]), TestContext.Current.CancellationToken);
        Assert.Equal("http-01", _ca.Server.Orders[0].Answered[0]);
        using var leaf = X509Certificate2.CreateFromPem(issued.ChainPem);
        Assert.Equal(IPAddress.Parse("203.0.113.10"), leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single().EnumerateIPAddresses().Single());
    }

    public void Dispose() => _ca.Dispose();

    private Task<IssuedCertificate> IssueAsync() => _ca.Start().IssueAsync(new IssuanceRequest(["nas.example.com"]), TestContext.Current.CancellationToken);
}
