using System.Net;
using Edge.Access;
using Edge.Access.Oidc;
using Edge.Services;
using Edge.Tests.Certificates;
using Edge.Tests.Gateway;
using Xunit;

namespace Edge.Tests.Access;

/// <summary>auth: oidc with a real provider.</summary>
public sealed class OidcTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private Backend _backend = null!;
    private RunningGateway _gateway = null!;
    private Browser _browser = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Photos => $"https://photos.example.com:{_gateway.Https}";

    public async ValueTask InitializeAsync()
    {
        _backend = await Backend.EchoingAsync();
        _gateway = await RunningGateway.StartAsync();
        _gateway.Serve(
            Guarded("photos"),
            Guarded("music", "family", "others"),
            Guarded("office", "admins"),
            RunningGateway.Service("open", _backend.Uri));
        _browser = NewBrowser();
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        await _gateway.DisposeAsync();
        await _backend.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("PS256")]
    [InlineData("ES256")]
    public async Task A_browser_logs_in_once_for_all_hosts_of_the_domain(string algorithm)
    {
        await using var provider = await StartAsync(algorithm);
        _browser.Cookies.SetCookies(new Uri(Photos), "own=1; Domain=example.com");
        var (at, status, body) = await _browser.OpenAsync($"{Photos}/album%20one%2541?page=2&x=%2F");

        Assert.Equal((HttpStatusCode.OK, $"{Photos}/album%20one%2541?page=2&x=%2F"), (status, at.OriginalString));
        Assert.Contains("Remote-User: anna", body);
        Assert.Contains("Remote-Groups: family", body);
        Assert.Contains("Remote-Email: anna@home.test", body);
        Assert.Contains("Remote-Name: %C3%84nna \"A\" M%C3%BCller", body);
        // The session is no business of the services, of unguarded ones neither.
        Assert.Contains("Cookie: own=1", body);
        Assert.DoesNotContain("__Secure", body);
        Assert.DoesNotContain("__Secure", (await _browser.OpenAsync($"https://open.example.com:{_gateway.Https}/")).Body);

        // The way there: PKCE, a nonce, and no secret in any address.
        var authorize = _browser.Visited.First(url => url.AbsolutePath == "/auth").Query;
        Assert.Contains("code_challenge_method=S256", authorize);
        Assert.Contains("nonce=", authorize);
        Assert.DoesNotContain(_browser.Visited, url => url.Query.Contains("edge-secret", StringComparison.Ordinal));

        // One login for the other services; groups decide.
        _browser.Visited.Clear();
        Assert.Equal(HttpStatusCode.OK, (await _browser.OpenAsync($"https://music.example.com:{_gateway.Https}/")).Status);
        var office = await _browser.OpenAsync($"https://office.example.com:{_gateway.Https}/");
        Assert.Equal(HttpStatusCode.Forbidden, office.Status);
        Assert.Contains("You are logged in as anna, who is in none of the groups", office.Body);
        Assert.Equal(2, _browser.Visited.Count);
    }

    [Theory]
    [InlineData("GET", "application/json")]
    [InlineData("GET", "*/*")]
    [InlineData("POST", "text/html")]
    public async Task A_program_gets_401_and_no_redirect(string method, string accept)
    {
        await using var provider = await StartAsync();
        using var answer = await _browser.SendAsync(new HttpRequestMessage(new HttpMethod(method), Photos), accept);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Null(answer.Headers.Location);
    }

    [Fact]
    public async Task What_is_forged_or_of_another_browser_logs_nobody_in()
    {
        await using var provider = await StartAsync();
        await _browser.OpenAsync(Photos);
        var callback = _browser.Visited.First(url => url.AbsolutePath == OidcLogin.CallbackPath);

        // A victim is made to end somebody else's login.
        using var victim = NewBrowser();
        // What they get is a login of their own.
        using (var stolen = await victim.SendAsync(new HttpRequestMessage(HttpMethod.Get, callback)))
        {
            Assert.Equal(HttpStatusCode.Redirect, stolen.StatusCode);
            Assert.StartsWith(provider.Issuer + "/auth", stolen.Headers.Location!.OriginalString);
        }

        using (var garbage = await victim.SendAsync(new HttpRequestMessage(HttpMethod.Get, $"https://nas.example.com:{_gateway.Https}/.edge/callback?state=AAAA&code=x")))
        {
            Assert.Equal(HttpStatusCode.Forbidden, garbage.StatusCode);
        }

        Assert.DoesNotContain(victim.Cookies.GetAllCookies(), cookie => cookie.Name == LoginCookies.Session);

        // A session that was changed in one character is none; so is a login's state in its place.
        var session = _browser.Cookies.GetAllCookies()[LoginCookies.Session]!;
        var state = System.Web.HttpUtility.ParseQueryString(callback.Query)["state"]!;
        foreach (var forged in (string[])[(session.Value[0] == 'A' ? 'B' : 'A') + session.Value[1..], state, "", "e30"])
        {
            using var intruder = NewBrowser();
            intruder.Cookies.SetCookies(new Uri(Photos), $"{LoginCookies.Session}={forged}; Domain=example.com");
            using var answer = await intruder.SendAsync(new HttpRequestMessage(HttpMethod.Get, Photos));
            Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Cookies_are_for_HTTPS_alone_and_out_of_the_reach_of_scripts()
    {
        await using var provider = await StartAsync();
        using var answer = await _browser.SendAsync(new HttpRequestMessage(HttpMethod.Get, Photos));
        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));

        Assert.EndsWith("; Domain=example.com; Path=/; Max-Age=900; Secure; HttpOnly; SameSite=Lax", cookie);
        Assert.StartsWith("__Secure-", cookie);
        Assert.True(answer.Headers.CacheControl!.NoStore);
    }

    [Fact]
    public async Task A_session_that_was_renewed_is_kept_also_where_a_page_of_the_gateway_is_the_answer()
    {
        await using var provider = await StartAsync(refresh: TimeSpan.FromTicks(1));
        await _browser.OpenAsync(Photos);
        using var refused = await _browser.SendAsync(new HttpRequestMessage(HttpMethod.Get, $"https://office.example.com:{_gateway.Https}/"));

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.StartsWith(LoginCookies.Session + "=", Assert.Single(refused.Headers.GetValues("Set-Cookie")));
    }

    [Fact]
    public async Task Logging_out_ends_the_session_here_and_leads_to_the_provider()
    {
        await using var provider = await StartAsync();
        await _browser.OpenAsync(Photos);
        using var answer = await _browser.SendAsync(new HttpRequestMessage(HttpMethod.Get, $"{Photos}/.edge/logout"));

        Assert.StartsWith($"{provider.Issuer}/session/end?client_id=edge", answer.Headers.Location!.OriginalString);
        using var after = await _browser.SendAsync(new HttpRequestMessage(HttpMethod.Get, Photos));
        Assert.Equal(HttpStatusCode.Redirect, after.StatusCode);
    }

    [Fact]
    public async Task The_provider_is_asked_again_and_its_word_changes_groups_and_ends_sessions()
    {
        await using var provider = await StartAsync(refresh: TimeSpan.FromTicks(1));
        await _browser.OpenAsync(Photos);
        await provider.ControlAsync("""{"groups":["admins"]}""");
        Assert.Contains("Remote-Groups: admins", (await _browser.OpenAsync($"https://office.example.com:{_gateway.Https}/")).Body);

        await provider.ControlAsync("""{"gone":true}""");
        using var answer = await _browser.SendAsync(new HttpRequestMessage(HttpMethod.Get, Photos));
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
    }

    [Fact]
    public async Task Without_the_provider_who_is_in_stays_in_and_nobody_else_gets_in()
    {
        var provider = await StartAsync(refresh: TimeSpan.FromTicks(1));
        await _browser.OpenAsync(Photos);
        await provider.DisposeAsync();
        _gateway.Access.Use(new AccessOptions { Oidc = Options(provider.Issuer) with { Refresh = TimeSpan.FromTicks(2) } });
        using var stranger = NewBrowser();

        Assert.Equal(HttpStatusCode.OK, (await _browser.OpenAsync(Photos)).Status);
        var (_, status, body) = await stranger.OpenAsync(Photos);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("Nobody can log in at the moment", body);
    }

    [Fact]
    public async Task Without_a_provider_in_the_settings_nobody_gets_in()
    {
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await _browser.OpenAsync(Photos)).Status);
        Assert.Contains(_gateway.Logged, line => line.StartsWith("Error 5267", StringComparison.Ordinal));
    }

    private Browser NewBrowser() => new(new ByHost(_gateway.Handler()));

    private Service Guarded(string name, params string[] groups) =>
        RunningGateway.Service(name, _backend.Uri) with { Access = new ServiceAccess { Auth = AuthKind.Oidc, Groups = [.. groups] } };

    private OidcOptions Options(string issuer)
    {
        var secret = Path.Combine(_folder.Path, "oidc.secret");
        File.WriteAllText(secret, "edge-secret\n");
        return new OidcOptions { Issuer = issuer, ClientId = "edge", SecretFile = secret, CallbackHost = "nas.example.com", Domain = "example.com" };
    }

    private async Task<OidcProviderProcess> StartAsync(string algorithm = "RS256", TimeSpan? refresh = null)
    {
        var provider = await OidcProviderProcess.StartAsync($"https://nas.example.com:{_gateway.Https}{OidcLogin.CallbackPath}", algorithm);
        _gateway.Access.Use(new AccessOptions { Oidc = Options(provider.Issuer) with { Refresh = refresh ?? TimeSpan.FromMinutes(10) } });
        return provider;
    }

    /// <summary>The provider is reached as it is, every other name leads to the gateway.</summary>
    private sealed class ByHost(HttpMessageHandler gateway) : DelegatingHandler(gateway)
    {
        private readonly HttpMessageInvoker _direct = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.RequestUri!.Host == "127.0.0.1" ? _direct.SendAsync(request, cancellationToken) : base.SendAsync(request, cancellationToken);

        protected override void Dispose(bool disposing)
        {
            _direct.Dispose();
            base.Dispose(disposing);
        }
    }
}
