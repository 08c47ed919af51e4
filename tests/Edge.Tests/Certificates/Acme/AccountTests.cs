using System.Net;
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

    /// <summary>Some CAs say that they need more of a new customer, where RFC 8555 §7.3.1 has a word for a key that is unknown.</summary>
    [Theory]
    [InlineData("externalAccountRequired")]
    [InlineData("malformed")]
    [InlineData("unauthorized")]
    public async Task A_CA_that_refuses_the_new_key_twice_leaves_the_old_one(string error)
    {
        var issuer = _ca.Start();
        await issuer.Accounts.EnsureAsync(TestContext.Current.CancellationToken);
        _ca.Server.Script = line => line switch
        {
            "POST /key-change" => _ca.Server.Problem(HttpStatusCode.Conflict, "conflict"),
            "POST /account" => _ca.Server.Problem(HttpStatusCode.Forbidden, error),
            _ => null,
        };
        await Assert.ThrowsAsync<AcmeException>(() => issuer.Accounts.RollOverAsync(TestContext.Current.CancellationToken));
        Assert.Null(_ca.Files.Read("account.key.next"));
        await issuer.IssueAsync(new IssuanceRequest(["nas.example.com"]), TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("externalAccountRequired")]
    [InlineData("malformed")]
    [InlineData("unauthorized")]
    public async Task A_new_key_that_a_crash_left_and_the_CA_does_not_speak_of_gives_way_to_the_old_one(string error)
    {
        await IssueAsync();
        _ca.Files.Write("account.key.next", AccountKey.Create().ToPem());
        var first = true;
        _ca.Server.Script = line => line == "POST /account" && first && !(first = false) ? _ca.Server.Problem(HttpStatusCode.Forbidden, error) : null;
        await IssueAsync();
        Assert.Null(_ca.Files.Read("account.key.next"));
        Assert.Equal(1, _ca.Server.Accounts);
        Assert.Empty(_ca.Server.Violations);
    }

    /// <summary>The CA has the new key, whatever became of its answer; the old one is worth nothing any more.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData(HttpStatusCode.BadGateway)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    public async Task A_new_key_of_which_the_CAs_answer_was_lost_is_kept(HttpStatusCode? instead)
    {
        var issuer = _ca.Start();
        var account = await issuer.Accounts.EnsureAsync(TestContext.Current.CancellationToken);
        var old = _ca.Files.Read("account.key");
        _ca.Server.Afterwards = line => line != "POST /key-change" ? null : instead is { } status ? new HttpResponseMessage(status) : throw new HttpRequestException("connection reset");
        Assert.Equal(account, await issuer.Accounts.RollOverAsync(TestContext.Current.CancellationToken));
        Assert.NotEqual(old, _ca.Files.Read("account.key"));
        await IssueAsync();
        Assert.Equal(1, _ca.Server.Accounts);
        Assert.Equal(1, _ca.Server.Requests.Count(line => line == "POST /key-change"));
        Assert.Empty(_ca.Server.Violations);
    }

    /// <summary>The CA may still be at it when its front door has given up.</summary>
    [Fact]
    public async Task A_new_key_stays_at_hand_while_nobody_knows_what_became_of_it()
    {
        var issuer = _ca.Start();
        await issuer.Accounts.EnsureAsync(TestContext.Current.CancellationToken);
        _ca.Server.Script = line => line == "POST /key-change" ? new HttpResponseMessage(HttpStatusCode.GatewayTimeout) : null;
        await Assert.ThrowsAsync<AcmeException>(() => issuer.Accounts.RollOverAsync(TestContext.Current.CancellationToken));
        Assert.NotNull(_ca.Files.Read("account.key.next"));
        _ca.Server.Script = _ => null;
        await IssueAsync();
        Assert.Null(_ca.Files.Read("account.key.next"));
        Assert.Equal(1, _ca.Server.Accounts);
        Assert.Empty(_ca.Server.Violations);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_key_moved_away_is_a_new_account(bool thumbprint)
    {
        await IssueAsync();
        var json = _ca.Files.Read("account.json")!;
        _ca.Files.Write("account.json", thumbprint ? json : string.Join('\n', json.Split('\n').Where(line => !line.Contains("thumbprint"))));
        _ca.Files.Delete("account.key");
        await IssueAsync();
        await IssueAsync();
        Assert.Equal(2, _ca.Server.Accounts);
        Assert.Empty(_ca.Server.Violations);
    }

    [Fact]
    public async Task Another_key_in_its_place_is_another_account()
    {
        await IssueAsync();
        _ca.Files.Write("account.key", AccountKey.Create().ToPem());
        await IssueAsync();
        Assert.Equal(2, _ca.Server.Accounts);
        Assert.Empty(_ca.Server.Violations);
    }

    [Fact]
    public async Task An_account_file_of_an_earlier_version_goes_on()
    {
        await IssueAsync();
        _ca.Files.Write("account.json", string.Join('\n', _ca.Files.Read("account.json")!.Split('\n').Where(line => !line.Contains("thumbprint"))));
        await IssueAsync();
        Assert.Equal(1, _ca.Server.Requests.Count(line => line == "POST /account"));
    }

    [Fact]
    public async Task A_CA_that_was_reset_and_another_contact_at_once_are_one_registration()
    {
        await IssueAsync();
        _ca.Contact = ["mailto:you@example.com"];
        _ca.Server.Forget();
        await IssueAsync();
        Assert.Equal(1, _ca.Server.Accounts);
        Assert.Empty(_ca.Server.Violations);
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
