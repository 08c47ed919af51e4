using System.Net;
using Edge.Acme;
using Xunit;

namespace Edge.Tests.Certificates.Acme;

/// <summary>An account that is not ours at this CA, in whichever words it says so.</summary>
public sealed class AccountOfAnotherTests : IDisposable
{
    private readonly TestIssuer _ca = new();

    [Fact]
    public async Task What_was_kept_of_another_CAs_account_is_none_of_this_one()
    {
        await IssueAsync();
        _ca.Files.Write("account.json", _ca.Files.Read("account.json")!.Replace(FakeAcmeServer.Directory.OriginalString, "https://staging.test/dir", StringComparison.Ordinal).Replace("opaque-", "elsewhere-", StringComparison.Ordinal));
        Assert.Null(_ca.Start().Accounts.Known);
        _ca.Server.UnknownAccount = (HttpStatusCode.InternalServerError, "serverInternal", "");
        await IssueAsync();
        Assert.Equal(1, _ca.Server.Accounts);
    }

    [Theory]
    [InlineData(400, "malformed", "KeyID header contained an invalid account URL: https://staging.test/acct/1")]
    [InlineData(403, "unauthorized", "No such account")]
    [InlineData(400, "accountDoesNotExist", "unknown")]
    public async Task A_CA_that_does_not_know_the_account_is_registered_with_once(int status, string error, string detail)
    {
        await IssueAsync();
        _ca.Files.Write("account.json", _ca.Files.Read("account.json")!.Replace("opaque-", "elsewhere-", StringComparison.Ordinal));
        _ca.Server.UnknownAccount = ((HttpStatusCode)status, error, detail);
        await IssueAsync();
        Assert.Equal(1, _ca.Server.Accounts);
        Assert.Contains("opaque-", _ca.Files.Read("account.json"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("malformed")]
    [InlineData("unauthorized")]
    public async Task A_refusal_that_is_about_something_else_is_told_after_one_order(string error)
    {
        await IssueAsync();
        _ca.Server.Script = line => line == "POST /order" ? _ca.Server.Problem(HttpStatusCode.BadRequest, error, "no") : null;
        Assert.True((await Assert.ThrowsAsync<AcmeException>(IssueAsync)).Problem.Is(error));
        Assert.Equal(2, _ca.Server.Requests.Count(line => line == "POST /order"));
    }

    public void Dispose() => _ca.Dispose();

    private async Task IssueAsync()
    {
        var issuer = _ca.Start();
        await issuer.IssueAsync(new IssuanceRequest(["nas.example.com"]), TestContext.Current.CancellationToken);
        issuer.Settle(["nas.example.com"]);
    }
}
