using System.Net;
using Edge.Acme;
using Xunit;

namespace Edge.Tests.Certificates.Acme;

/// <summary>A CA that answers something else than it should, for good, does not hold an order up for good; and what it has made counts once.</summary>
public sealed class StrayedOrderTests : IDisposable
{
    private readonly TestIssuer _ca = new();

    [Theory]
    [InlineData("POST /orders/0", 302, "")]
    [InlineData("POST /orders/0", 200, "<html>moved</html>")]
    [InlineData("POST /authz/0/0", 308, "")]
    [InlineData("POST /finalize/0", 301, "")]
    public async Task An_order_that_leads_astray_each_time_is_ordered_anew_after_a_dozen_attempts(string line, int status, string body)
    {
        _ca.Server.ProcessingLooks = 1;
        Give(line, status, body);
        for (var attempt = 0; attempt < 11; attempt++)
        {
            await Assert.ThrowsAsync<AcmeException>(IssueAsync);
            Assert.Single(_ca.Server.Orders);
        }

        // The twelfth gives it up.
        await Record.ExceptionAsync(IssueAsync);
        await IssueAsync();
        Assert.Equal(2, _ca.Server.Orders.Count);
    }

    [Theory]
    [InlineData(302, "")]
    [InlineData(200, "<html>moved</html>")]
    public async Task A_certificate_that_leads_astray_each_time_is_lost_and_counts_as_made(int status, string body)
    {
        Give("POST /certificate/0", status, body);
        for (var attempt = 0; attempt < 11; attempt++)
        {
            var failed = await Assert.ThrowsAnyAsync<Exception>(IssueAsync);
            Assert.False(failed is IssuanceException { Issued: true });
        }

        Assert.True((await Assert.ThrowsAsync<IssuanceException>(IssueAsync)).Issued);
        await IssueAsync();
        Assert.Equal(2, _ca.Server.Orders.Count);
    }

    /// <summary>Nobody saw whether its certificate was made: better counted once too often than ordered up to the CA's limit.</summary>
    [Fact]
    public async Task An_order_that_is_given_up_unseen_counts_as_made()
    {
        _ca.Server.ProcessingLooks = 1;
        Give("POST /orders/0", 302, "");
        for (var attempt = 0; attempt < 11; attempt++)
        {
            await Assert.ThrowsAsync<AcmeException>(IssueAsync);
        }

        Assert.True((await Assert.ThrowsAsync<IssuanceException>(IssueAsync)).Issued);
    }

    /// <summary>The attempt that ordered it did not see it.</summary>
    [Fact]
    public async Task What_a_second_attempt_finds_made_and_unfit_counts()
    {
        var lost = true;
        _ca.Server.Script = line => line != "POST /certificate/0" ? null : lost ? throw new HttpRequestException("connection reset") : Raw(200, OfAnotherKey());
        await Assert.ThrowsAsync<HttpRequestException>(IssueAsync);
        lost = false;
        var unfit = await Assert.ThrowsAsync<IssuanceException>(IssueAsync);
        Assert.Contains("another key", unfit.Message);
        Assert.True(unfit.Issued);
    }

    [Fact]
    public async Task What_only_the_clock_makes_unfit_counts_once()
    {
        _ca.Server.Now = () => _ca.Time.GetUtcNow() + TimeSpan.FromDays(2);
        var counted = new List<bool>();
        for (var attempt = 0; attempt < 3; attempt++)
        {
            counted.Add((await Assert.ThrowsAsync<IssuanceException>(IssueAsync)).Issued);
        }

        Assert.Equal([true, false, false], counted);
    }

    public void Dispose() => _ca.Dispose();

    private void Give(string line, int status, string body) => _ca.Server.Script = asked => asked == line ? Raw(status, body) : null;

    private static HttpResponseMessage Raw(int status, string body) => new((HttpStatusCode)status) { Content = new StringContent(body, System.Text.Encoding.UTF8, "text/html") };

    private static string OfAnotherKey()
    {
        using var key = System.Security.Cryptography.ECDsa.Create();
        using var made = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=other", key, System.Security.Cryptography.HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(90));
        return made.ExportCertificatePem();
    }

    private Task<IssuedCertificate> IssueAsync() => _ca.Start().IssueAsync(new IssuanceRequest(["nas.example.com"]), TestContext.Current.CancellationToken);
}
