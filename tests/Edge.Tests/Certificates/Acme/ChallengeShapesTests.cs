using System.Security.Cryptography.X509Certificates;
using Edge.Acme;
using Edge.Certificates;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Tests.Certificates.Acme;

/// <summary>What is shown for each kind of challenge.</summary>
public sealed class ChallengeShapesTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/.well-known/acme-challenge/token-1", "token-1.thumb")]
    [InlineData("/.well-known/acme-challenge/token-2", null)]
    [InlineData("/.well-known/acme-challenge/", null)]
    [InlineData("/.well-known/acme-challenge/token-1/", null)]
    [InlineData("/.Well-Known/acme-challenge/token-1", null)]
    [InlineData("/", null)]
    [InlineData(null, null)]
    public async Task Http_answers_exactly_the_token_that_runs(string? path, string? body)
    {
        var http = new HttpChallenges();
        var shown = await http.PresentAsync([Answer("nas.example.com")], Cancel);
        Assert.Equal(body, http.Find(path));
        Assert.Null(await http.WhyNotReadyAsync(Answer("nas.example.com"), Cancel));
        await shown.DisposeAsync();
        Assert.True(http.IsIdle);
        Assert.Null(http.Find(path));
    }

    [Theory]
    [InlineData("http-01", "nas.example.com", false, true)]
    [InlineData("http-01", "nas.example.com", true, false)]
    [InlineData("http-01", "203.0.113.10", false, true)]
    [InlineData("tls-alpn-01", "nas.example.com", false, true)]
    [InlineData("tls-alpn-01", "nas.example.com", true, false)]
    [InlineData("tls-alpn-01", "2001:db8::1", false, true)]
    [InlineData("dns-01", "nas.example.com", true, true)]
    [InlineData("dns-01", "203.0.113.10", false, false)]
    [InlineData("dns-account-01", "nas.example.com", true, true)]
    [InlineData("dns-account-01", "203.0.113.10", false, false)]
    [InlineData("dns-persist-01", "nas.example.com", true, true)]
    [InlineData("dns-persist-01", "203.0.113.10", false, false)]
    public void Each_way_knows_what_it_can_prove(string type, string name, bool wildcard, bool can)
    {
        var records = new ChallengeRecords();
        IChallengeSolver[] all = [new HttpChallenges(), new TlsChallenges(TimeProvider.System), new DnsSolver(ChallengeType.Dns01, records, (owner, _) => ValueTask.FromResult(owner), _ => null), new DnsSolver(ChallengeType.DnsAccount01, records, (owner, _) => ValueTask.FromResult(owner), _ => null), new PersistSolver(records, _ => null, TimeProvider.System)];
        Assert.Equal(can, all.Single(solver => solver.Type == type).CanSolve(Answer(name) with { Type = type, Wildcard = wildcard }));
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("a/b")]
    [InlineData("")]
    public void A_token_that_is_none_is_not_answered(string token) => Assert.False(new HttpChallenges().CanSolve(Answer("nas.example.com") with { Token = token }));

    /// <summary>RFC 8737 §3, RFC 8738 §6.</summary>
    [Theory]
    [InlineData("nas.example.com", "nas.example.com")]
    [InlineData("203.0.113.10", "10.113.0.203.in-addr.arpa")]
    [InlineData("2001:db8::1", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa")]
    public async Task Tls_shows_one_name_and_the_digest_in_a_critical_extension(string name, string sni)
    {
        var tls = new TlsChallenges(TimeProvider.System);
        var answer = Answer(name);
        await using (await tls.PresentAsync([answer], Cancel))
        {
            var leaf = tls.Find(sni)!.TargetCertificate;
            var names = leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();
            Assert.Equal([name], names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(address => address.ToString())));
            var proof = leaf.Extensions.Single(extension => extension.Oid!.Value == "1.3.6.1.5.5.7.1.31");
            Assert.True(proof.Critical);
            Assert.Equal([0x04, 0x20, .. answer.Digest()], proof.RawData);
            Assert.Equal(leaf.Subject, leaf.Issuer);
        }

        Assert.True(tls.IsIdle);
        Assert.Null(tls.Find(sni));
    }

    [Theory]
    [InlineData(false, "ca.test; accounturi=https://ca.test/account/opaque-1; persistUntil=1767225600")]
    [InlineData(true, "ca.test; accounturi=https://ca.test/account/opaque-1; policy=wildcard; persistUntil=1767225600")]
    public void A_persistent_record_names_the_CA_and_the_account(bool wildcard, string text) =>
        Assert.Equal(text, PersistSolver.Text(Answer("nas.example.com") with { Wildcard = wildcard, IssuerDomainNames = ["CA.test."] }, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)));

    [Fact]
    public async Task A_persistent_record_stands_while_the_order_runs_and_no_longer()
    {
        using var ca = new TestIssuer();
        var records = new ChallengeRecords();
        var seen = new List<string>();
        records.Changed += () => seen.AddRange(records.Current.Overlay.Select(overlay => $"{overlay.Record.Owner} {System.Text.Encoding.ASCII.GetString(overlay.Record.Data.Wire[1..])}"));
        await ca.With(new PersistSolver(records, _ => null, ca.Time)).Start().IssueAsync(new IssuanceRequest(["*.nas.example.com"]), Cancel);
        Assert.StartsWith("_validation-persist.nas.example.com. ca.test; accounturi=https://ca.test/account/opaque-", Assert.Single(seen));
        Assert.Contains("policy=wildcard", seen[0]);
        Assert.Empty(records.Current.Overlay);
        Assert.Equal("dns-persist-01", ca.Server.Orders[0].Answered[0]);
    }

    /// <summary>The example of draft-ietf-acme-dns-account-label.</summary>
    [Fact]
    public void The_label_of_an_account_is_that_of_the_draft() => Assert.Equal("_ujmmovf2vn55tgye", AccountLabel.Of(new Uri("https://example.com/acme/acct/ExampleAccount")));

    [Theory]
    [InlineData("dns-account-01, dns-01", "dns-account-01", "nas.example.com")]
    [InlineData("dns-account-01, dns-01", "dns-account-01", "*.nas.example.com")]
    [InlineData("dns-01", "dns-01", "nas.example.com")]
    public async Task An_accounts_own_record_is_used_where_the_CA_offers_it(string offered, string used, string name)
    {
        using var ca = new TestIssuer();
        ca.Server.Offer.Challenges = offered.Split(", ");
        var records = new ChallengeRecords();
        var seen = new List<ResourceRecord>();
        records.Changed += () => seen.AddRange(records.Current.Overlay.Select(overlay => overlay.Record));
        IChallengeSolver Way(string type) => new DnsSolver(type, records, (owner, _) => ValueTask.FromResult(owner), _ => null);
        await ca.With(Way(ChallengeType.DnsAccount01), Way(ChallengeType.Dns01)).Start().IssueAsync(new IssuanceRequest([name]), Cancel);
        Assert.Equal(used, ca.Server.Orders[0].Answered[0]);
        var label = used == "dns-01" ? "" : "_[a-z2-7]{16}\\.";
        Assert.Matches($"^{label}_acme-challenge\\.nas\\.example\\.com\\.$", Assert.Single(seen).Owner.ToString());
        Assert.Equal(43, seen[0].Data.Wire[0]);
        Assert.Empty(records.Current.Overlay);
    }

    [Fact]
    public async Task A_way_that_is_not_ready_gives_way_to_the_next_before_the_CA_is_told()
    {
        using var ca = new TestIssuer();
        ca.Server.Offer.Challenges = ["dns-01", "http-01"];
        var http = new HttpChallenges();
        ca.With(new DnsSolver(ChallengeType.Dns01, ca.Challenges, (owner, _) => throw new IssuanceException($"{owner} is nowhere"), _ => null), http);
        await ca.Start().IssueAsync(new IssuanceRequest(["nas.example.com"]), Cancel);
        Assert.Equal("http-01", Assert.Single(ca.Server.Orders).Answered[0]);
        Assert.True(http.IsIdle);
    }

    [Fact]
    public async Task Where_no_way_is_ready_all_reasons_are_told()
    {
        using var ca = new TestIssuer();
        ca.Server.Offer.Challenges = ["dns-01", "dns-persist-01"];
        ca.With(
            new DnsSolver(ChallengeType.Dns01, ca.Challenges, (owner, _) => throw new IssuanceException($"{owner} is nowhere"), _ => null),
            new PersistSolver(ca.Challenges, record => $"{record.Owner} is not served", ca.Time));
        var failed = await Assert.ThrowsAsync<IssuanceException>(() => ca.Start().IssueAsync(new IssuanceRequest(["nas.example.com"]), Cancel));
        Assert.Equal("_acme-challenge.nas.example.com. is nowhere; _validation-persist.nas.example.com. is not served", failed.Message);
        Assert.Equal("deactivated", ca.Server.Orders[0].Authorizations[0]);
        Assert.Empty(ca.Challenges.Current.Overlay);
    }

    private static ChallengeAnswer Answer(string name) => new()
    {
        Type = ChallengeType.Http01,
        Identifier = AcmeIdentifier.Of(name),
        Token = "token-1",
        KeyAuthorization = "token-1.thumb",
        Account = new Uri("https://ca.test/account/opaque-1"),
    };
}
