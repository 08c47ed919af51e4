using System.Text;
using Edge.Acme;
using Xunit;

namespace Edge.Tests.Certificates.Acme;

public sealed class AccountTests : IDisposable
{
    private readonly TestIssuer _ca = new();

    [Fact]
    public async Task A_CA_that_knows_its_customers_gets_the_binding_it_gave_out()
    {
        var secret = Encoding.ASCII.GetBytes("a secret of the customer");
        (_ca.Server.Meta, _ca.Server.External) = ("""{"externalAccountRequired":true}""", ("key-7", secret));
        _ca.External = new ExternalAccount("key-7", secret);
        await IssueAsync();
        Assert.Empty(_ca.Server.Violations);
    }

    [Fact]
    public async Task A_wrong_binding_is_told_with_the_CAs_words()
    {
        (_ca.Server.Meta, _ca.Server.External) = ("""{"externalAccountRequired":true}""", ("key-7", [1, 2, 3]));
        _ca.External = new ExternalAccount("key-7", new byte[] { 3, 2, 1 });
        Assert.Contains("who are you?", (await Assert.ThrowsAsync<AcmeException>(IssueAsync)).Message);
    }

    [Fact]
    public async Task Without_a_binding_a_CA_that_wants_one_is_not_even_asked()
    {
        _ca.Server.Meta = """{"externalAccountRequired":true}""";
        Assert.Contains("\"external-account\"", (await Assert.ThrowsAsync<AcmeException>(IssueAsync)).Message);
        Assert.DoesNotContain("POST /account", _ca.Server.Requests);
    }

    [Fact]
    public async Task Another_contact_in_the_settings_is_told_to_the_CA_once()
    {
        await IssueAsync();
        _ca.Contact = ["mailto:you@example.com"];
        await IssueAsync();
        await IssueAsync();
        Assert.Single(_ca.Server.Requests, line => line.StartsWith("POST /account/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_key_is_exchanged_and_the_account_stays()
    {
        var issuer = _ca.Start();
        var account = await issuer.Accounts.EnsureAsync(TestContext.Current.CancellationToken);
        var (key, known) = (_ca.Files.Read("account.key"), _ca.Server.ThumbprintOf(account));
        Assert.Equal(account, await issuer.Accounts.RollOverAsync(TestContext.Current.CancellationToken));
        Assert.NotEqual(key, _ca.Files.Read("account.key"));
        Assert.NotEqual(known, _ca.Server.ThumbprintOf(account));
        await issuer.IssueAsync(new IssuanceRequest(["nas.example.com"]), TestContext.Current.CancellationToken);
        await IssueAsync();
        Assert.Equal(1, _ca.Server.Accounts);
        Assert.Empty(_ca.Server.Violations);
    }

    [Fact]
    public async Task A_CA_that_does_not_want_the_new_key_leaves_the_old_one()
    {
        var issuer = _ca.Start();
        await issuer.Accounts.EnsureAsync(TestContext.Current.CancellationToken);
        var key = _ca.Files.Read("account.key");
        _ca.Server.Script = line => line == "POST /key-change" ? _ca.Server.Problem(System.Net.HttpStatusCode.Conflict, "conflict") : null;
        await Assert.ThrowsAsync<AcmeException>(() => issuer.Accounts.RollOverAsync(TestContext.Current.CancellationToken));
        Assert.Equal(key, _ca.Files.Read("account.key"));
        Assert.Null(_ca.Files.Read("account.key.next"));
        await issuer.IssueAsync(new IssuanceRequest(["nas.example.com"]), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_key_file_that_is_none_is_left_alone_and_named()
    {
        _ca.Files.Write("account.key", "rubbish");
        var wrong = Assert.Throws<System.Security.Cryptography.CryptographicException>(() => _ca.Start());
        Assert.Contains(_ca.Files.PathOf("account.key"), wrong.Message);
        Assert.Equal("rubbish", _ca.Files.Read("account.key"));
    }

    public void Dispose() => _ca.Dispose();

    private async Task IssueAsync()
    {
        var issuer = _ca.Start();
        await issuer.IssueAsync(new IssuanceRequest(["nas.example.com"]), TestContext.Current.CancellationToken);
        issuer.Settle(["nas.example.com"]);
    }
}
