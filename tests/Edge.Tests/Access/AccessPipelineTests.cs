using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Edge.Access;
using Edge.Services;
using Edge.Tests.Certificates;
using Edge.Tests.Gateway;
using Xunit;

namespace Edge.Tests.Access;

/// <summary>allow, auth: basic and rate, through the real gateway.</summary>
public sealed class AccessPipelineTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("lan", true, HttpStatusCode.OK)]
    [InlineData("lan", false, HttpStatusCode.Forbidden)]
    [InlineData("127.0.0.0/8", false, HttpStatusCode.OK)]
    [InlineData("127.0.0.9", false, HttpStatusCode.Forbidden)]
    [InlineData("ddns:home.example.net", false, HttpStatusCode.OK)]
    [InlineData("ddns:elsewhere.example.net", false, HttpStatusCode.Forbidden)]
    public async Task Only_the_clients_that_are_allowed_get_in(string allowed, bool isLan, HttpStatusCode expected)
    {
        await using var backend = await Backend.SayingAsync("in");
        await using var gateway = await RunningGateway.StartAsync(_ => isLan, resolve: (host, _) => Task.FromResult<DynamicHost?>(
            host == "home.example.net" ? new DynamicHost([IPAddress.Loopback], TimeSpan.FromMinutes(1)) : null));
        gateway.Serve(Guarded(backend, new ServiceAccess { Allow = [AllowedClients.Parse(allowed)!] }));
        using var response = await gateway.GetAsync("https://photos.example.com/", accept: "text/html");
        var body = await response.Content.ReadAsStringAsync(Cancel);

        Assert.Equal(expected, response.StatusCode);
        Assert.Contains(expected == HttpStatusCode.OK ? "in" : "Your address, 127.0.0.1, is not among those that may use it.", body);
        Assert.NotEmpty(response.Headers.GetValues("X-Request-Id"));
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("anna:right", HttpStatusCode.OK)]
    [InlineData("anna:wrong", HttpStatusCode.Unauthorized)]
    [InlineData("nobody:right", HttpStatusCode.Unauthorized)]
    [InlineData("ben:right", HttpStatusCode.Unauthorized)]
    [InlineData("anna", HttpStatusCode.Unauthorized)]
    [InlineData(":", HttpStatusCode.Unauthorized)]
    public async Task A_name_and_a_password_let_in_who_is_one_of_the_users(string? credentials, HttpStatusCode expected)
    {
        await using var backend = await Backend.EchoingAsync();
        await using var gateway = await RunningGateway.StartAsync(access: Users("anna", "ben"));
        gateway.Serve(Guarded(backend, new ServiceAccess { Auth = AuthKind.Basic, Users = ["anna"] }));
        using var response = await SendAsync(gateway, credentials);

        Assert.Equal(expected, response.StatusCode);
        if (expected == HttpStatusCode.Unauthorized)
        {
            Assert.Equal("Basic realm=\"photos\", charset=\"UTF-8\"", response.Headers.WwwAuthenticate.ToString());
        }
        else
        {
            var seen = await response.Content.ReadAsStringAsync(Cancel);
            Assert.Contains("Remote-User: anna", seen);
            // The password is this gateway's business, and not the service's.
            Assert.DoesNotContain("Authorization", seen);
        }
    }

    [Fact]
    public async Task Only_the_first_request_costs_a_hash()
    {
        await using var backend = await Backend.SayingAsync("in");
        // Three million rounds, more than a second each: a thousand of them would outlast every deadline.
        await using var gateway = await RunningGateway.StartAsync(access: Users("anna") with { Users = Users("anna").Users.SetItem("anna", Slow) });
        gateway.Serve(Guarded(backend, new ServiceAccess { Auth = AuthKind.Basic }));
        for (var i = 0; i < 1000; i++)
        {
            using var response = await SendAsync(gateway, "anna:right");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Fact]
    public async Task One_client_that_guesses_keeps_nobody_else_from_their_turn()
    {
        await using var backend = await Backend.SayingAsync("in");
        await using var gateway = await RunningGateway.StartAsync(access: Users("anna") with { Users = Users("anna").Users.SetItem("ben", Slow) });
        gateway.Serve(Guarded(backend, new ServiceAccess { Auth = AuthKind.Basic }));
        using var guesser = new HttpClient(gateway.Handler(IPAddress.Parse("127.0.0.9")));
        var guesses = Enumerable.Range(0, 40).Select(i => GuessAsync(guesser, $"ben:guess{i}")).ToList();
        // Those that do not wait are told so, and by then the others stand before whoever comes.
        await Eventually.TrueAsync(() => guesses.Count(guess => guess.IsCompleted) >= 36, () => $"{guesses.Count(guess => guess.IsCompleted)}");
        using var response = await SendAsync(gateway, "anna:right");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(4, (await Task.WhenAll(guesses)).Count(status => status == HttpStatusCode.Unauthorized));
    }

    [Fact]
    public async Task Many_requests_with_the_same_password_wait_for_one_hash()
    {
        await using var backend = await Backend.SayingAsync("in");
        await using var gateway = await RunningGateway.StartAsync(access: Users("anna") with { Users = Users("anna").Users.SetItem("ben", Slow) });
        gateway.Serve(Guarded(backend, new ServiceAccess { Auth = AuthKind.Basic }));
        using var client = new HttpClient(gateway.Handler(IPAddress.Parse("127.0.0.9")));

        Assert.All(await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => GuessAsync(client, "ben:right"))), status => Assert.Equal(HttpStatusCode.OK, status));
    }

    [Fact]
    public async Task Who_leaves_takes_nobody_elses_answer_along()
    {
        using var users = new BasicAuth(Table(("anna", Sha("right", 300_000))), static _ => false);
        using var left = new CancellationTokenSource();
        var (first, second) = (Request("anna:right"), Request("anna:right"));
        first.RequestAborted = left.Token;
        var access = new ServiceAccess { Auth = AuthKind.Basic };
        var (leaves, stays) = (users.CheckAsync(first, "photos", access).AsTask(), users.CheckAsync(second, "photos", access).AsTask());
        await left.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaves);
        Assert.Null(await stays);
    }

    [Fact]
    public async Task Who_is_banned_while_they_wait_costs_no_hash()
    {
        var isBanned = true;
        using var users = new BasicAuth(Table(("anna", Sha("right", 1000))), _ => isBanned);
        var context = Request("anna:right");

        Assert.Equal(403, (await users.CheckAsync(context, "photos", new ServiceAccess { Auth = AuthKind.Basic }))!.Status);
        isBanned = false;
        Assert.Null(await users.CheckAsync(context, "photos", new ServiceAccess { Auth = AuthKind.Basic }));
    }

    // Hashes of two programs take two times: a name that is not there has one of both, and always the same.
    [Fact]
    public void A_name_that_is_not_there_takes_as_long_as_somebody_who_is()
    {
        var users = Table(("anna", Sha("right", 1000)), ("ben", Sha("right", 2000)));
        var hashes = Enumerable.Range(0, 100).Select(i => users.StandIn($"nobody{i}")).ToList();

        Assert.Equal(users.All.Values.Select(hash => hash.Text).Order(), hashes.Select(hash => hash.Text).Distinct().Order());
        Assert.Equal(hashes, Enumerable.Range(0, 100).Select(i => users.StandIn($"nobody{i}")));
        Assert.False(Table().StandIn("nobody").Verify("right"));
    }

    [Fact]
    public async Task A_password_that_was_changed_no_longer_lets_in_though_it_was_remembered()
    {
        await using var backend = await Backend.SayingAsync("in");
        await using var gateway = await RunningGateway.StartAsync(access: Users("anna"));
        gateway.Serve(Guarded(backend, new ServiceAccess { Auth = AuthKind.Basic }));
        using var before = await SendAsync(gateway, "anna:right");
        gateway.Access.Use(new AccessOptions { Users = Users("anna").Users.SetItem("anna", PasswordHash.Parse(PasswordHash.Make("other"), out _)!) });
        using var after = await SendAsync(gateway, "anna:right");
        using var other = await SendAsync(gateway, "anna:other");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized, HttpStatusCode.OK), (before.StatusCode, after.StatusCode, other.StatusCode));
    }

    [Fact]
    public async Task A_users_file_is_followed_and_one_with_a_mistake_changes_nothing()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "users.txt");
        File.WriteAllText(file, $"anna:{PasswordHash.Make("right")}\n");
        await using var backend = await Backend.SayingAsync("in");
        await using var gateway = await RunningGateway.StartAsync(access: new AccessOptions { UsersFile = file });
        gateway.Serve(Guarded(backend, new ServiceAccess { Auth = AuthKind.Basic }));
        async Task<HttpStatusCode> StatusAsync(string credentials)
        {
            using var response = await SendAsync(gateway, credentials);
            return response.StatusCode;
        }

        Assert.Equal(HttpStatusCode.OK, await StatusAsync("anna:right"));
        File.WriteAllText(file, "anna:nonsense\n");
        await Eventually.TrueAsync(() => gateway.Logged.Any(line => line.Contains("5211", StringComparison.Ordinal)), () => string.Join('\n', gateway.Logged));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("anna:right"));
        File.WriteAllText(file, $"ben:{PasswordHash.Make("new")}\n");
        await Eventually.TrueAsync(() => gateway.Logged.Count(line => line.Contains("5210", StringComparison.Ordinal)) == 2, () => string.Join('\n', gateway.Logged));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (await StatusAsync("ben:new"), await StatusAsync("anna:right")));
    }

    [Fact]
    public async Task Too_many_requests_get_429_and_are_told_when_to_come_back()
    {
        await using var backend = await Backend.SayingAsync("in");
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Serve(Guarded(backend, new ServiceAccess { Rate = RateRule.Parse("3/h") }));
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 4; i++)
        {
            using var response = await gateway.GetAsync("https://photos.example.com/");
            statuses.Add(response.StatusCode);
            if (i == 3)
            {
                Assert.InRange(response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1100, 1200);
            }
        }

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests], statuses);
        // Another client is not held up by it.
        using var other = new HttpClient(gateway.Handler(IPAddress.Parse("127.0.0.7")));
        using var free = await other.GetAsync("https://photos.example.com/", Cancel);
        Assert.Equal(HttpStatusCode.OK, free.StatusCode);
    }

    [Theory]
    [InlineData("Remote-User")]
    [InlineData("remote_user")]
    [InlineData("Remote-Groups")]
    [InlineData("X-authentik-username")]
    [InlineData("X-Auth-Request-Email")]
    [InlineData("X-Forwarded-User")]
    [InlineData("X_Forwarded_For")]
    [InlineData("X-Forwarded-For")]
    [InlineData("X-Forwarded-Host")]
    [InlineData("X-Forwarded-Prefix")]
    [InlineData("X-Forwarded-Port")]
    [InlineData("X-Forwarded-Server")]
    [InlineData("X-Forwarded-By")]
    [InlineData("X-Real-IP")]
    [InlineData("x_real_ip")]
    public async Task What_a_stranger_says_about_who_it_is_reaches_no_service(string header)
    {
        await using var backend = await Backend.EchoingAsync();
        await using var gateway = await RunningGateway.StartAsync(access: Users("anna"));
        gateway.Serve(
            RunningGateway.Service("open", backend.Uri),
            Guarded(backend, new ServiceAccess { Auth = AuthKind.Basic }));
        gateway.ServeFile("own.yaml", $$"""
            Routes: { own: { ClusterId: own, Match: { Hosts: [own.example.com] } } }
            Clusters: { own: { Destinations: { one: { Address: "{{backend.Uri}}" } } } }
            """);
        foreach (var host in (string[])["open", "photos", "own"])
        {
            using var response = await SendAsync(gateway, "anna:right", $"https://{host}.example.com/", (header, "intruder"));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.DoesNotContain("intruder", await response.Content.ReadAsStringAsync(Cancel));
        }
    }

    private static async Task<HttpStatusCode> GuessAsync(HttpClient client, string credentials)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://photos.example.com/");
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        using var response = await client.SendAsync(request, Cancel);
        return response.StatusCode;
    }

    private static Microsoft.AspNetCore.Http.DefaultHttpContext Request(string credentials)
    {
        var context = new Microsoft.AspNetCore.Http.DefaultHttpContext();
        context.Request.Headers.Authorization = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials));
        return context;
    }

    private static UserTable Table(params (string Name, string Hash)[] users)
    {
        var table = new UserTable(Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        table.Use(new AccessOptions { Users = new AccessOptions().Users.AddRange(users.Select(user => KeyValuePair.Create(user.Name, PasswordHash.Parse(user.Hash, out _)!))) });
        return table;
    }

    private static PasswordHash Slow => PasswordHash.Parse(Sha("right", 3_000_000), out _)!;

    private static string Sha(string password, int rounds) =>
        $"$pbkdf2-sha256${rounds}$c2FsdHNhbHRzYWx0$" + Convert.ToBase64String(System.Security.Cryptography.Rfc2898DeriveBytes.Pbkdf2(
            Encoding.UTF8.GetBytes(password), Convert.FromBase64String("c2FsdHNhbHRzYWx0"), rounds, System.Security.Cryptography.HashAlgorithmName.SHA256, 32)).TrimEnd('=').Replace('+', '.');

    private static AccessOptions Users(params string[] names) => new()
    {
        Users = new AccessOptions().Users.AddRange(names.Select(name => KeyValuePair.Create(name, PasswordHash.Parse(Sha("right", 1000), out _)!))),
    };

    private static Service Guarded(Backend backend, ServiceAccess access) => RunningGateway.Service("photos", backend.Uri) with { Access = access };

    private static async Task<HttpResponseMessage> SendAsync(RunningGateway gateway, string? credentials, string uri = "https://photos.example.com/", params (string Name, string Value)[] headers)
    {
        using var client = gateway.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.Authorization = credentials is null ? null : new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await client.SendAsync(request, Cancel);
    }
}
