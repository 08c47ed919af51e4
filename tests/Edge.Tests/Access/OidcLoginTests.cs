using System.Collections.Specialized;
using System.Web;
using Edge.Access;
using Edge.Access.Oidc;
using Edge.Services;
using Edge.Tests.Certificates;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Tests.Access;

/// <summary>Logins step by step: several at once, those that come back elsewhere, and a provider that is slow, away, or breaks off.</summary>
public sealed class OidcLoginTests : IAsyncLifetime
{
    private const string Photos = "https://photos.example.com/album";
    private static readonly ServiceAccess Guarded = new() { Auth = AuthKind.Oidc };

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly LogLines _log = new();
    private readonly SealedText _seal = SealedText.Open(null, new LogLines());
    private ScriptedProvider _provider = null!;
    private OidcLogin _login = null!;

    private OidcOptions Options => new() { Issuer = _provider.Issuer, ClientId = "edge", CallbackHost = "nas.example.com", Domain = "example.com" };

    public async ValueTask InitializeAsync()
    {
        _provider = await ScriptedProvider.StartAsync(_time);
        _login = NewLogin(Options);
    }

    public async ValueTask DisposeAsync()
    {
        _login.Dispose();
        await _provider.DisposeAsync();
    }

    [Fact]
    public async Task Tabs_that_begin_together_all_come_to_their_end()
    {
        var browser = new CookieJar();
        // All ask before the first answer is there: none of them has a cookie.
        var asked = Enumerable.Range(0, 5).Select(tab => browser.Ask($"{Photos}/{tab}")).ToList();
        var logins = new List<NameValueCollection>();
        foreach (var context in asked)
        {
            logins.Add(await BeginAsync(browser, context));
        }

        for (var tab = 0; tab < 5; tab++)
        {
            Assert.Equal($"{Photos}/{tab}", await ReturnAsync(browser, logins[tab]));
        }

        Assert.Equal([LoginCookies.Session], browser.Names);
    }

    [Fact]
    public async Task More_logins_than_anybody_has_under_way_leave_the_latest()
    {
        var browser = new CookieJar();
        NameValueCollection? last = null;
        for (var i = 0; i < 30; i++)
        {
            last = await BeginAsync(browser, browser.Ask(Photos));
        }

        Assert.Equal(LoginCookies.MostLogins, browser.Names.Count);
        Assert.Equal(Photos, await ReturnAsync(browser, last!));
    }

    [Fact]
    public async Task A_login_that_comes_back_without_its_cookie_leads_who_is_logged_in_to_where_they_wanted()
    {
        var (browser, other) = (new CookieJar(), new CookieJar());
        await LogInAsync(browser);
        var elsewhere = await BeginAsync(other, other.Ask(Photos + "/elsewhere"));

        Assert.Equal(Photos + "/elsewhere", await ReturnAsync(browser, elsewhere));
    }

    [Fact]
    public async Task A_login_that_comes_back_without_its_cookie_begins_once_anew_and_not_twice()
    {
        var (browser, other) = (new CookieJar(), new CookieJar());
        var first = await BeginAsync(other, other.Ask(Photos));
        var context = Callback(browser, first);
        Assert.Equal(AccessRefusal.Answered, await _login.AnswerAsync(context));
        browser.Take(context);
        var second = Query(context);
        Assert.NotEqual(first["state"], second["state"]);
        // Whoever sent them here is not who they are.
        Assert.DoesNotContain(LoginCookies.Session, browser.Names);
        Assert.Equal(0, _provider.Count("/token"));

        var refused = await _login.AnswerAsync(Callback(new CookieJar(), second));
        Assert.Equal((StatusCodes.Status403Forbidden, null), (refused.Status, refused.Offence));
        Assert.Equal(Photos, await ReturnAsync(browser, second));
        Assert.Contains(LoginCookies.Session, browser.Names);
    }

    [Theory]
    [InlineData("?x=1")]
    [InlineData("?state=AAAA&code=x")]
    [InlineData("")]
    public async Task What_was_begun_nowhere_is_refused_and_no_offence(string query)
    {
        var refused = await _login.AnswerAsync(new CookieJar().Ask("https://nas.example.com" + OidcLogin.CallbackPath + query));
        Assert.Equal((StatusCodes.Status403Forbidden, null), (refused.Status, refused.Offence));
    }

    [Theory]
    [InlineData("other")]
    [InlineData("edge")]
    public async Task A_session_is_one_of_its_provider_and_its_client(string client)
    {
        var browser = new CookieJar();
        await LogInAsync(browser);
        await using var elsewhere = await ScriptedProvider.StartAsync(_time);
        using var other = NewLogin(Options with { ClientId = client, Issuer = client == "edge" ? elsewhere.Issuer : Options.Issuer });
        using var same = NewLogin(Options with { Refresh = TimeSpan.FromHours(1) });

        Assert.Null(await same.CheckAsync(browser.Ask(Photos), Guarded));
        Assert.Equal(AccessRefusal.Answered, await other.CheckAsync(browser.Ask(Photos), Guarded));
    }

    [Fact]
    public async Task A_new_refresh_token_is_kept_whatever_the_provider_fails_in_behind_it()
    {
        var browser = new CookieJar();
        await LogInAsync(browser);
        _time.Advance(TimeSpan.FromMinutes(11));
        _provider.Failing["/userinfo"] = true;
        await PassAsync(browser);
        _provider.Failing.Clear();
        _time.Advance(TimeSpan.FromMinutes(2));
        await PassAsync(browser);

        Assert.Equal(["/token r1", "/token r2"], _provider.Asked.Where(asked => asked.StartsWith("/token r", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_refresh_that_takes_long_holds_nobody_up_and_its_token_is_not_lost()
    {
        var browser = new CookieJar();
        await LogInAsync(browser);
        _time.Advance(TimeSpan.FromMinutes(11));
        var answer = _provider.Waiting["/token"] = new TaskCompletionSource();
        var passing = PassAsync(browser);
        await Eventually.TrueAsync(() => _provider.Count("/token r1") == 1, () => string.Join('\n', _provider.Asked));
        Assert.False(passing.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(2));
        await passing.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        // Those that come later do not wait at all.
        await PassAsync(browser).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal(1, _provider.Count("/token r1"));

        _provider.Waiting.Clear();
        answer.SetResult();
        var before = browser[LoginCookies.Session];
        await Eventually.TrueAsync(() => _provider.Count("/userinfo") == 2, () => string.Join('\n', _provider.Asked));
        await Whole.Eventually.TrueAsync(
            async () =>
            {
                await PassAsync(browser);
                return browser[LoginCookies.Session] != before;
            },
            () => "the session was not renewed");
        _time.Advance(TimeSpan.FromMinutes(11));
        await PassAsync(browser);
        Assert.Equal(1, _provider.Count("/token r2"));
    }

    private OidcLogin NewLogin(OidcOptions options) => new(options, _seal, context => context.Request.Path + context.Request.QueryString, _time, _log);

    private async Task LogInAsync(CookieJar browser) => Assert.Equal(Photos, await ReturnAsync(browser, await BeginAsync(browser, browser.Ask(Photos))));

    private async Task PassAsync(CookieJar browser)
    {
        var context = browser.Ask(Photos);
        Assert.Null(await _login.CheckAsync(context, Guarded));
        browser.Take(context);
    }

    private async Task<NameValueCollection> BeginAsync(CookieJar browser, HttpContext context)
    {
        Assert.Equal(AccessRefusal.Answered, await _login.CheckAsync(context, Guarded));
        browser.Take(context);
        return Query(context);
    }

    // Where the browser is sent in the end.
    private async Task<string> ReturnAsync(CookieJar browser, NameValueCollection login)
    {
        _provider.Nonce = login["nonce"];
        var context = Callback(browser, login);
        Assert.Equal(AccessRefusal.Answered, await _login.AnswerAsync(context));
        browser.Take(context);
        return context.Response.Headers.Location.ToString();
    }

    private static NameValueCollection Query(HttpContext context) => HttpUtility.ParseQueryString(new Uri(context.Response.Headers.Location.ToString()).Query);

    private static HttpContext Callback(CookieJar browser, NameValueCollection login) =>
        browser.Ask($"https://nas.example.com{OidcLogin.CallbackPath}?code=x&state={login["state"]}");
}
