using Edge.Acme;
using Edge.Certificates;
using Xunit;

namespace Edge.Tests.Certificates.Acme;

/// <summary>A name that could not be proven one way is tried another way only where there is one, and the CA's words are never lost by it.</summary>
public sealed class AnotherWayTests : IDisposable
{
    private readonly TestIssuer _ca = new();

    public AnotherWayTests()
    {
        _ca.With(new DnsSolver(ChallengeType.Dns01, _ca.Challenges, (owner, _) => ValueTask.FromResult(owner), _ => null), new HttpChallenges());
        _ca.Server.ValidateBy = _ => false;
    }

    [Theory]
    [InlineData("*.nas.example.com", new[] { "dns-01", "http-01" })]
    [InlineData("nas.example.com", new[] { "dns-01" })]
    public async Task Where_no_other_way_is_open_the_refusal_is_told_after_one_order(string name, string[] offered)
    {
        _ca.Server.Offer.Challenges = offered;
        var refused = await Assert.ThrowsAsync<AcmeException>(() => IssueAsync(name));
        Assert.Contains("Incorrect TXT record", refused.Message);
        Assert.True(AcmeIssuer.IsOfValidation(refused));
        Assert.Single(_ca.Server.Orders);
    }

    [Fact]
    public async Task Where_the_other_way_does_not_work_here_both_reasons_are_told()
    {
        // The CA looked at http-01 first; then our own name server has no answer to show.
        var http = new HttpChallenges();
        using var ca = new TestIssuer();
        ca.With(http, new DnsSolver(ChallengeType.Dns01, ca.Challenges, (owner, _) => ValueTask.FromResult(owner), _ => "no zone holds it"));
        ca.Server.Offer.Challenges = ["dns-01", "http-01"];
        ca.Server.ValidateBy = _ => false;
        var refused = await Assert.ThrowsAsync<AcmeException>(() => ca.Start().IssueAsync(new IssuanceRequest(["nas.example.com"]), TestContext.Current.CancellationToken));
        Assert.Contains("Incorrect TXT record", refused.Message);
        Assert.Contains("no zone holds it", refused.Message);
        Assert.True(AcmeIssuer.IsOfValidation(refused));
    }

    [Fact]
    public async Task Where_both_ways_are_refused_there_are_two_orders()
    {
        _ca.Server.Offer.Challenges = ["dns-01", "http-01"];
        await Assert.ThrowsAsync<AcmeException>(() => IssueAsync("nas.example.com"));
        Assert.Equal(["dns-01", "http-01"], _ca.Server.Orders.Select(order => order.Answered[0]));
    }

    /// <summary>CAs count failures, and stop looking after five in an hour.</summary>
    [Theory]
    [InlineData(0, "dns-01")]
    [InlineData(1, "http-01")]
    [InlineData(2, "dns-01")]
    public async Task Where_the_ways_take_turns_an_attempt_costs_one_failure(int turn, string type)
    {
        _ca.Server.Offer.Challenges = ["dns-01", "http-01"];
        await Assert.ThrowsAsync<AcmeException>(() => _ca.Start().IssueAsync(new IssuanceRequest(["nas.example.com"]) { Turn = turn }, TestContext.Current.CancellationToken));
        Assert.Equal([type], _ca.Server.Orders.Select(order => order.Answered[0]));
    }

    [Fact]
    public async Task A_name_that_has_one_way_is_proven_by_it_whosever_turn_it_is()
    {
        _ca.Server.Offer.Challenges = ["dns-01", "http-01"];
        _ca.Server.ValidateBy = type => type == "dns-01";
        await _ca.Start().IssueAsync(new IssuanceRequest(["*.nas.example.com"]) { Turn = 1 }, TestContext.Current.CancellationToken);
        Assert.Equal("dns-01", Assert.Single(_ca.Server.Orders).Answered[0]);
    }

    [Fact]
    public void Waits_after_what_a_CA_counts_make_no_more_than_five_failures_an_hour()
    {
        var (at, failures) = (TimeSpan.Zero, new List<TimeSpan>());
        for (var failed = 1; failed < 40; failed++)
        {
            failures.Add(at);
            at += RetryLadder.Minutes.WaitCounted(failed);
        }

        Assert.All(failures, first => Assert.InRange(failures.Count(other => other >= first && other < first + TimeSpan.FromHours(1)), 0, 5));
        Assert.True(failures[2] < TimeSpan.FromMinutes(5), "most failures pass soon");
    }

    public void Dispose() => _ca.Dispose();

    private Task<IssuedCertificate> IssueAsync(string name) => _ca.Start().IssueAsync(new IssuanceRequest([name]), TestContext.Current.CancellationToken);
}
