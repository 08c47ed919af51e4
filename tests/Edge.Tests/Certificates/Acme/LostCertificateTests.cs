using System.Net;
using Edge.Acme;
using Xunit;

namespace Edge.Tests.Certificates.Acme;

/// <summary>A certificate that the CA made is asked for once more; then its order is given up, and does not stand in the way for ever.</summary>
public sealed class LostCertificateTests : IDisposable
{
    private readonly TestIssuer _ca = new();

    public static TheoryData<int, string> Answers => new()
    {
        { 302, "" },
        { 403, "" },
        { 404, "" },
        { 200, "-----BEGIN CERTIFICATE-----\nnot base64!\n-----END CERTIFICATE-----\n" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task What_could_not_be_fetched_is_fetched_by_the_next_attempt(int status, string body)
    {
        Give(status, body);
        await Assert.ThrowsAnyAsync<Exception>(IssueAsync);
        _ca.Server.Script = _ => null;
        await IssueAsync();
        Assert.Single(_ca.Server.Orders);
    }

    [Theory]
    [InlineData(404, "")]
    [InlineData(200, "-----BEGIN CERTIFICATE-----\nnot base64!\n-----END CERTIFICATE-----\n")]
    public async Task What_cannot_be_fetched_twice_is_lost_and_counts_as_made(int status, string body)
    {
        Give(status, body);
        Assert.False((await Assert.ThrowsAsync<IssuanceException>(IssueAsync)).Issued);
        Assert.True((await Assert.ThrowsAsync<IssuanceException>(IssueAsync)).Issued);
        _ca.Server.Script = _ => null;
        await IssueAsync();
        Assert.Equal(2, _ca.Server.Orders.Count);
    }

    [Fact]
    public async Task An_order_that_was_left_behind_until_its_certificate_was_over_is_given_up()
    {
        await IssueAsync();
        _ca.Time.Jump(TimeSpan.FromDays(91));
        Assert.Contains("check the clock", (await Assert.ThrowsAsync<IssuanceException>(IssueAsync)).Message);
        await IssueAsync();
        Assert.Equal(2, _ca.Server.Orders.Count);
    }

    // RFC 8555 section 7.4.2: other chains are an offer.
    [Theory]
    [InlineData(404)]
    [InlineData(302)]
    [InlineData(500)]
    public async Task Another_chain_that_is_not_given_leaves_the_usual_one(int status)
    {
        _ca.Choices = new IssuerChoices(null, "A root that the other chain may lead to");
        _ca.Server.Script = line => line.EndsWith("/certificate/0/other", StringComparison.Ordinal) ? new HttpResponseMessage((HttpStatusCode)status) : null;
        await IssueAsync();
        Assert.Single(_ca.Server.Orders);
    }

    // An order that is not where it was.
    [Theory]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(410)]
    public async Task An_order_that_is_gone_is_ordered_anew(int status)
    {
        Give(404, "");
        await Assert.ThrowsAsync<IssuanceException>(IssueAsync);
        _ca.Server.Script = line => line == "POST /orders/0" ? new HttpResponseMessage((HttpStatusCode)status) : null;
        await IssueAsync();
        Assert.Equal(2, _ca.Server.Orders.Count);
    }

    public void Dispose() => _ca.Dispose();

    private void Give(int status, string body) => _ca.Server.Script = line =>
        line == "POST /certificate/0" ? new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body) } : null;

    private Task<IssuedCertificate> IssueAsync() => _ca.Start().IssueAsync(new IssuanceRequest(["nas.example.com"]), TestContext.Current.CancellationToken);
}
