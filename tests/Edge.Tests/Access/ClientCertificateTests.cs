using System.Net;
using System.Security.Cryptography.X509Certificates;
using Edge.Access;
using Edge.Gateway;
using Edge.Services;
using Edge.Settings;
using Edge.Tests.Certificates;
using Edge.Tests.Gateway;
using Edge.Tests.Whole;
using Xunit;
using Backend = Edge.Tests.Gateway.Backend;
using Eventually = Edge.Tests.Certificates.Eventually;

namespace Edge.Tests.Access;

/// <summary>Services whose clients must show a certificate while they connect, through the real gateway.</summary>
public sealed class ClientCertificateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ClientCertificateLab _lab = new();

    private string AuthorityFile => Path.Combine(_folder.Path, "ca.pem");

    public void Dispose()
    {
        _lab.Dispose();
        _folder.Dispose();
    }

    public static TheoryData<string, string, int, string> Shown() => new()
    {
        { "1.1", "good", 200, "Client-Cert-Subject: CN=anna" },
        { "2.0", "good", 200, "Client-Cert-Subject: CN=anna" },
        { "1.1", "under an intermediate", 200, "Client-Cert-Subject: CN=ben" },
        { "1.1", "for any purpose", 200, "Client-Cert-Subject: CN=carol" },
        { "1.1", "none", 403, "has shown none" },
        { "2.0", "none", 403, "has shown none" },
        { "1.1", "another CA", 403, "another CA than this service" },
        { "2.0", "another CA", 403, "another CA than this service" },
        { "1.1", "another CA of the same name", 403, "another CA than this service" },
        { "1.1", "self-signed", 403, "another CA than this service" },
        { "1.1", "expired", 403, "has expired on" },
        { "1.1", "of tomorrow", 403, "has not begun" },
        { "1.1", "for servers", 403, "lacks clientAuth" },
    };

    [Theory]
    [MemberData(nameof(Shown))]
    public async Task Only_certificates_of_the_services_CA_let_in(string version, string shown, int expected, string said)
    {
        await using var backend = await Backend.EchoingAsync();
        await using var gateway = await StartAsync(backend);
        using var client = Client(gateway, Version.Parse(version), shown);
        using var response = await GetAsync(client, "https://door.example.com/", version);
        var body = await response.Content.ReadAsStringAsync(RunningGateway.Cancel);

        Assert.Equal(expected, (int)response.StatusCode);
        Assert.Contains(said, body);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task No_other_site_asks_for_one(string version)
    {
        await using var backend = await Backend.EchoingAsync();
        await using var gateway = await StartAsync(backend);
        var asked = 0;
        using var handler = gateway.Handler();
        handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) =>
        {
            Interlocked.Increment(ref asked);
            return _lab.Of("good");
        };
        using var client = new HttpClient(handler);
        using var response = await GetAsync(client, "https://open.example.com/", version);
        var echo = await response.Content.ReadAsStringAsync(RunningGateway.Cancel);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.DoesNotContain("Client-Cert", echo);
        var requested = await SayAsync(gateway, "open.example.com", "open.example.com");
        Assert.Contains("No client certificate CA names sent", requested);
        Assert.DoesNotContain("Requested Signature Algorithms", requested);
        Assert.Contains("Requested Signature Algorithms", await SayAsync(gateway, "door.example.com", "door.example.com"));
    }

    /// <summary>The connection was made for a host that asks for nothing, and the certificate of both is the same.</summary>
    [Theory]
    [InlineData("open.example.com", "door.example.com", "421")]
    [InlineData("door.example.com", "open.example.com", "200")]
    [InlineData("door.example.com", "DOOR.example.com.:443", "200")]
    [InlineData("other-door.example.com", "door.example.com", "421")]
    [InlineData(null, "door.example.com", "421")]
    public async Task Another_hosts_connection_does_not_lead_there(string? serverName, string host, string expected)
    {
        await using var backend = await Backend.SayingAsync("in");
        await using var gateway = await StartAsync(backend);
        Assert.Contains($"HTTP/1.1 {expected} ", await SayAsync(gateway, serverName, host, _lab.FilesOf("good", _folder.Path)));
    }

    [Fact]
    public async Task An_HTTP2_connection_of_another_host_does_not_lead_there()
    {
        await using var backend = await Backend.SayingAsync("in");
        await using var gateway = await StartAsync(backend);
        Shell.Need("curl", "curl");
        string[] shown = [.. _lab.FilesOf("good", _folder.Path).Select(word => word.StartsWith('-') ? "-" + word : word)];
        string[] curl = ["-sk", "--http2", "--resolve", $"open.example.com:{gateway.Https}:127.0.0.1", "-o", "/dev/null", "-w", "%{http_version} %{http_code}", .. shown, $"https://open.example.com:{gateway.Https}/"];

        Assert.Equal("2 200", await Shell.OutputAsync("curl", curl));
        Assert.Equal("2 421", await Shell.OutputAsync("curl", ["-H", "Host: door.example.com", .. curl]));
    }

    /// <summary>The proxy's own certificate would let everybody in. A stranger behind it can make what it says contradict itself.</summary>
    [Theory]
    [InlineData("", "", 200)]
    [InlineData("198.51.100.7", "", 403)]
    [InlineData("", "for=198.51.100.7", 403)]
    [InlineData("198.51.100.7", "for=198.51.100.8", 400)]
    [InlineData("nonsense", "", 400)]
    public async Task A_proxys_certificate_does_not_stand_for_its_clients(string listed, string forwarded, int expected)
    {
        await using var backend = await Backend.SayingAsync("in");
        await using var gateway = await StartAsync(backend, new GatewayOptions
        {
            Http = [new(IPAddress.Loopback, 0)],
            Https = [new(IPAddress.Loopback, 0)],
            TrustedProxies = [IPNetwork.Parse("127.0.0.0/8")],
        });
        using var proxy = Client(gateway, HttpVersion.Version11, "good");
        foreach (var (name, value) in ((string, string)[])[("X-Forwarded-For", listed), ("Forwarded", forwarded)])
        {
            if (value.Length > 0)
            {
                proxy.DefaultRequestHeaders.TryAddWithoutValidation(name, value);
            }
        }

        Assert.Equal(expected, await StatusAsync(proxy));
    }

    [Fact]
    public async Task Without_TLS_there_is_no_way_in()
    {
        await using var backend = await Backend.SayingAsync("in");
        await using var gateway = await StartAsync(backend, new GatewayOptions { Http = [new(IPAddress.Loopback, 0)], Https = [] });
        using var response = await gateway.GetAsync("http://door.example.com/");

        Assert.Equal(HttpStatusCode.MisdirectedRequest, response.StatusCode);
    }

    /// <summary>A session that began elsewhere, or with a certificate, is not gone on with.</summary>
    [Theory]
    [InlineData("-tls1_3", "open.example.com")]
    [InlineData("-tls1_2", "open.example.com")]
    [InlineData("-tls1_3", "door.example.com")]
    [InlineData("-tls1_2", "door.example.com")]
    public async Task A_resumed_session_does_not_stand_for_a_certificate(string version, string first)
    {
        Shell.Need("openssl", "openssl");
        await using var backend = await Backend.SayingAsync("in");
        await using var gateway = await StartAsync(backend);
        var session = Path.Combine(_folder.Path, "session.pem");
        await SayAsync(gateway, first, first, [version, "-sess_out", session, .. _lab.FilesOf("good", _folder.Path)]);
        string[] resumed = File.Exists(session) ? ["-sess_in", session] : [];
        var said = await SayAsync(gateway, "door.example.com", "door.example.com", [version, .. resumed]);

        Assert.Contains("HTTP/1.1 403 ", said);
        Assert.DoesNotContain("Reused, ", said);
        // The proof that this would notice: where nobody is asked, sessions are resumed.
        if (first == "open.example.com")
        {
            Assert.Contains("Reused, ", await SayAsync(gateway, first, first, [version, .. resumed]));
        }
    }

    [Fact]
    public async Task The_file_is_followed_and_one_that_is_wrong_changes_nothing()
    {
        await using var backend = await Backend.SayingAsync("in");
        await using var gateway = await StartAsync(backend);
        using var anna = Client(gateway, HttpVersion.Version11, "good");
        using var stranger = Client(gateway, HttpVersion.Version11, "another CA");
        async Task<(int, int)> StatusesAsync() => (await StatusAsync(anna), await StatusAsync(stranger));

        Assert.Equal((200, 403), await StatusesAsync());
        File.WriteAllText(AuthorityFile, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        await Eventually.TrueAsync(() => gateway.Logged.Any(line => line.Contains("what was known before stays", StringComparison.Ordinal)), () => string.Join('\n', gateway.Logged));
        Assert.Equal((200, 403), await StatusesAsync());

        // Connections that are open already go by the new CAs as well: both clients keep theirs.
        File.WriteAllText(AuthorityFile, _lab.OtherAuthorityPem);
        await Eventually.TrueAsync(() => gateway.Logged.Count(line => line.Contains("5950", StringComparison.Ordinal)) == 2, () => string.Join('\n', gateway.Logged));
        Assert.Equal((403, 200), await StatusesAsync());
    }

    [Fact]
    public async Task A_file_that_was_never_good_lets_nobody_in()
    {
        await using var backend = await Backend.SayingAsync("in");
        await using var gateway = await StartAsync(backend);
        File.Delete(AuthorityFile);
        using var client = Client(gateway, HttpVersion.Version11, "good");

        Assert.Equal(503, await StatusAsync(client));
        Assert.Contains(gateway.Logged, line => line.Contains("ca.pem: cannot be read: it is not there", StringComparison.Ordinal));
        File.WriteAllText(AuthorityFile, _lab.AuthorityPem);
        await Eventually.TrueAsync(() => gateway.Logged.Any(line => line.Contains("5950", StringComparison.Ordinal)), () => string.Join('\n', gateway.Logged));
        Assert.Equal(200, await StatusAsync(client));
    }

    [Fact]
    public async Task Who_shows_none_again_and_again_is_banned()
    {
        await using var backend = await Backend.SayingAsync("in");
        var bans = new BanManager(new BanSetup { Options = new BanOptions { Never = [] }, IsLan = _ => false, Store = null, Time = TimeProvider.System, Log = Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance });
        await using var gateway = await StartAsync(backend, bans: bans);
        using var client = Client(gateway, HttpVersion.Version11, "none");
        for (var i = 0; i < 51; i++)
        {
            Assert.Equal(403, await StatusAsync(client));
        }

        await Eventually.TrueAsync(() => bans.Holds(IPAddress.Loopback), () => $"{bans.Waiting} notes wait");
        Assert.Equal("denied", Assert.Single(bans.All).Reason);
    }

    [Theory]
    [InlineData("Client-Cert")]
    [InlineData("client_cert")]
    [InlineData("Client-Cert-Chain")]
    [InlineData("Client-Cert-Subject")]
    public async Task What_a_stranger_says_of_a_certificate_is_dropped(string header)
    {
        await using var backend = await Backend.EchoingAsync();
        await using var gateway = await StartAsync(backend);
        using var client = Client(gateway, HttpVersion.Version11, "none");
        client.DefaultRequestHeaders.TryAddWithoutValidation(header, "forged");
        Assert.DoesNotContain("forged", await client.GetStringAsync("https://open.example.com/", RunningGateway.Cancel));
    }

    [Fact]
    public async Task The_service_is_told_the_certificate_and_the_login()
    {
        await using var backend = await Backend.EchoingAsync();
        await using var gateway = await StartAsync(backend, access: new AccessOptions { Users = System.Collections.Immutable.ImmutableDictionary<string, PasswordHash>.Empty.Add("anna", PasswordHash.Parse(PasswordHash.Make("right"), out _)!) }, auth: "    auth: basic\n");
        using var client = Client(gateway, HttpVersion.Version11, "good");
        Assert.Equal(401, await StatusAsync(client));
        client.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String("anna:right"u8));
        var echo = await client.GetStringAsync("https://door.example.com/", RunningGateway.Cancel);

        Assert.Contains("Remote-User: anna", echo);
        Assert.Contains($"Client-Cert: :{Convert.ToBase64String(_lab.Of("good")!.RawData)}:", echo);
    }

    [Theory]
    [InlineData("", "ca.pem: holds no certificate in PEM")]
    [InlineData("nonsense", "ca.pem: holds no certificate in PEM")]
    [InlineData("\n\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "ca.pem:3: is not a certificate, though it says so")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "ca.pem:1: is a PRIVATE KEY and no certificate")]
    [InlineData("{authority}{leaf}", "CN=anna is not the certificate of a CA")]
    [InlineData("{intermediate}", "holds no root: CN=intermediate was signed by CN=authority")]
    public void What_is_wrong_with_a_file_is_told(string text, string expected)
    {
        File.WriteAllText(AuthorityFile, text.Replace("{authority}", _lab.AuthorityPem).Replace("{leaf}", _lab.Of("good")!.ExportCertificatePem()).Replace("{intermediate}", _lab.IntermediatePem));
        var problems = new ProblemList();

        Assert.Null(Edge.Access.ClientCertificates.AuthorityFile.Read(AuthorityFile, problems));
        Assert.Contains(expected, Assert.Single(problems.All).ToString());
    }

    [Theory]
    [InlineData("/dev/zero", "it is a device or a pipe")]
    [InlineData("/tmp", "it is a folder")]
    [InlineData("/nowhere/ca.pem", "it is not there")]
    public void What_is_no_file_is_not_read(string path, string expected)
    {
        var problems = new ProblemList();
        Assert.Null(Edge.Access.ClientCertificates.AuthorityFile.Read(path, problems));
        Assert.Contains(expected, Assert.Single(problems.All).ToString());
    }

    [Theory]
    [InlineData("client-cert: ca.pem", "services.door.client-cert: \"ca.pem\" is not an absolute path")]
    [InlineData("client-cert: [a]", "services.door.client-cert: is a list")]
    public void A_mistake_in_the_service_is_told(string line, string expected) =>
        Assert.Contains(expected, Assert.Single(ShortForm.Read($"services:\n  door:\n    to: http://127.0.0.1:1\n    {line}\n").Problems).ToString());

    [Theory]
    [InlineData("client-cert: /etc/edge/ca.pem")]
    [InlineData("rate: 10/s")]
    [InlineData("auth: forward")]
    public void A_stream_that_looks_guarded_is_refused(string line) =>
        Assert.Contains("is for http:// and https:// only", Assert.Single(ShortForm.Read($"services:\n  door:\n    to: tcp://127.0.0.1:1\n    listen: 2222\n    {line}\n").Problems).ToString());

    private async Task<RunningGateway> StartAsync(Backend backend, GatewayOptions? options = null, BanManager? bans = null, AccessOptions? access = null, string auth = "")
    {
        File.WriteAllText(AuthorityFile, _lab.AuthorityPem);
        var gateway = await RunningGateway.StartAsync(options: options, bans: bans, access: access);
        gateway.ServeShort($"services:\n  door:\n    to: {backend.Uri}\n    client-cert: {AuthorityFile}\n{auth}  other-door:\n    to: {backend.Uri}\n    client-cert: {AuthorityFile}\n  open:\n    to: {backend.Uri}\n");
        return gateway;
    }

    private HttpClient Client(RunningGateway gateway, Version version, string shown)
    {
        var handler = gateway.Handler();
        if (_lab.ContextOf(shown) is { } context)
        {
            handler.SslOptions.ClientCertificateContext = context;
        }

        return new HttpClient(handler) { DefaultRequestVersion = version, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
    }

    private static async Task<HttpResponseMessage> GetAsync(HttpClient client, string uri, string version)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, uri) { Version = Version.Parse(version), VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        return await client.SendAsync(request, RunningGateway.Cancel);
    }

    private static async Task<int> StatusAsync(HttpClient client)
    {
        using var response = await client.GetAsync("https://door.example.com/", RunningGateway.Cancel);
        return (int)response.StatusCode;
    }

    // What openssl and the gateway say to each other.
    private static async Task<string> SayAsync(RunningGateway gateway, string? serverName, string host, params string[] more)
    {
        Shell.Need("openssl", "openssl");
        string[] name = serverName is null ? ["-noservername"] : ["-servername", serverName];
        var request = $"printf 'GET / HTTP/1.1\\r\\nHost: {host}\\r\\nConnection: close\\r\\n\\r\\n'";
        var client = $"openssl s_client -connect 127.0.0.1:{gateway.Https} {string.Join(' ', name.Concat(more))} -ign_eof 2>&1";
        return await Shell.OutputAsync("sh", "-c", $"{request} | {client}");
    }
}
