using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Edge.Connections.Tls;
using Edge.Gateway;
using Edge.Tests.Certificates;
using Edge.Tests.Gateway;
using Edge.Tests.Whole;
using Xunit;
using Backend = Edge.Tests.Gateway.Backend;

namespace Edge.Tests.Connections.Tls;

/// <summary>Handshakes of the gateway with real peers, the same whoever encrypts; and what only OpenSSL, called directly, does.</summary>
public sealed class HandshakeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("OpenSsl", "EC", "-tls1_3 -alpn h2,http/1.1", "New, TLSv1.3, Cipher is TLS_AES_128_GCM_SHA256", "ALPN protocol: h2")]
    [InlineData("OpenSsl", "RSA", "-tls1_3 -alpn http/1.1", "New, TLSv1.3, Cipher is TLS_AES_128_GCM_SHA256", "ALPN protocol: http/1.1")]
    [InlineData("OpenSsl", "EC", "-tls1_2", "New, TLSv1.2, Cipher is ECDHE-ECDSA-AES128-GCM-SHA256", "No ALPN negotiated")]
    [InlineData("OpenSsl", "RSA", "-tls1_2", "New, TLSv1.2, Cipher is ECDHE-RSA-AES128-GCM-SHA256", "Secure Renegotiation IS supported")]
    [InlineData("OpenSsl", "EC", "-tls1_2 -cipher ECDHE-ECDSA-AES256-SHA384", "New, TLSv1.2, Cipher is ECDHE-ECDSA-AES256-SHA384", "Compression: NONE")]
    [InlineData("OpenSsl", "EC", "-tls1_1 -cipher ALL:@SECLEVEL=0", "Cipher is (NONE)", "alert protocol version")]
    [InlineData("OpenSsl", "EC", "-tls1_2 -cipher AES128-GCM-SHA256", "Cipher is (NONE)", "alert handshake failure")]
    [InlineData("OpenSsl", "EC", "-alpn spdy/1", "Cipher is (NONE)", "alert no application protocol")]
    [InlineData("OpenSsl", "EC", "-groups P-521:P-256", "New, TLSv1.3", "Server Temp Key: ECDH, secp521r1")]
    [InlineData("OpenSsl", "EC", "-noservername", "New, TLSv1.3", "0 s:CN = leaf")]
    [InlineData("Framework", "EC", "-tls1_3 -alpn h2,http/1.1", "New, TLSv1.3", "ALPN protocol: h2")]
    [InlineData("Framework", "RSA", "-tls1_2", "New, TLSv1.2, Cipher is ECDHE-RSA", "No ALPN negotiated")]
    public async Task What_is_offered_is_agreed_on_and_the_chain_is_shown(string kind, string key, string options, params string[] said)
    {
        await using var gateway = await StartAsync(kind, TlsLab.Chain(key));
        var output = await SayAsync(gateway, options);

        Assert.All(said, expected => Assert.Contains(expected, output));
        if (!output.Contains("(NONE)", StringComparison.Ordinal))
        {
            Assert.Contains("1 s:CN = intermediate", output);
            Assert.DoesNotContain("2 s:", output);
        }
    }

    [Theory]
    [InlineData("OpenSsl", "-tls1_3")]
    [InlineData("OpenSsl", "-tls1_2")]
    [InlineData("Framework", "-tls1_3")]
    [InlineData("Framework", "-tls1_2")]
    public async Task A_session_is_resumed_with_the_same_certificate_only(string kind, string version)
    {
        await using var backend = await Backend.SayingAsync("here");
        var (one, two) = (TlsLab.Chain("EC", "one"), TlsLab.Chain("EC", "two"));
        await using var gateway = await StartAsync(kind, one, two, backend);
        var session = Path.Combine(_folder.Path, "session.pem");
        Assert.Contains("New, TLSv1", await AskAsync(gateway, $"{version} -servername one.example.com -sess_out {session}"));

        var again = await AskAsync(gateway, $"{version} -servername one.example.com -sess_in {session}");
        Assert.Contains("Reused, TLSv1", again);
        Assert.Contains("here", again);
        Assert.Contains("New, TLSv1", await AskAsync(gateway, $"{version} -servername two.example.com -sess_in {session}"));
    }

    [Theory]
    [InlineData("OpenSsl", "R", "-tls1_2", "RENEGOTIATING")]
    [InlineData("OpenSsl", "K", "-tls1_3", "KEYUPDATE")]
    [InlineData("OpenSsl", "k", "-tls1_3", "KEYUPDATE")]
    [InlineData("Framework", "K", "-tls1_3", "KEYUPDATE")]
    public async Task Keys_may_change_and_nothing_else(string kind, string command, string version, string said)
    {
        await using var backend = await Backend.SayingAsync("after it");
        await using var gateway = await StartAsync(kind, TlsLab.Chain("EC"), backend: backend);
        Shell.Need("openssl", "openssl");
        var request = $"printf '{command}\\n'; sleep 0.3; printf 'GET / HTTP/1.1\\r\\nHost: app.example.com\\r\\nConnection: close\\r\\n\\r\\n'; sleep 1";
        var output = await Shell.OutputAsync("sh", "-c", $"({request}) | timeout 5 openssl s_client -connect 127.0.0.1:{gateway.Https} -servername app.example.com {version} 2>&1");

        Assert.Contains(said, output);
        Assert.Equal(command is not "R", output.Contains("after it", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("OpenSsl")]
    [InlineData("Framework")]
    public async Task A_handshake_may_come_byte_by_byte(string kind)
    {
        await using var backend = await Backend.SayingAsync("here");
        await using var gateway = await StartAsync(kind, TlsLab.Chain("EC"), backend: backend);
        using var socket = await ConnectAsync(gateway);
        await using var tls = new SslStream(new DrippingStream(socket));
        await tls.AuthenticateAsClientAsync(As("app.example.com"), Cancel);

        Assert.EndsWith("here", await AskAsync(tls));
    }

    /// <summary>RFC 8446 section 5.1: a message may go on in the next record, as a long ClientHello must.</summary>
    [Theory]
    [InlineData("OpenSsl", 1500)]
    [InlineData("Framework", 1500)]
    [InlineData("OpenSsl", 40_000)]
    public async Task A_ClientHello_may_be_long(string kind, int bytes)
    {
        await using var backend = await Backend.SayingAsync("here");
        await using var gateway = await StartAsync(kind, TlsLab.Chain("EC"), backend: backend);
        using var socket = await ConnectAsync(gateway);
        await using var tls = new SslStream(new NetworkStream(socket));
        var options = As("app.example.com");
        options.ApplicationProtocols = [.. Enumerable.Range(0, bytes / 100).Select(i => new SslApplicationProtocol(i.ToString("D99", null))), SslApplicationProtocol.Http11];
        await tls.AuthenticateAsClientAsync(options, Cancel);

        Assert.Equal(SslApplicationProtocol.Http11, tls.NegotiatedApplicationProtocol);
        Assert.EndsWith("here", await AskAsync(tls));
    }

    public static TheoryData<string, byte[]> Strange() => new()
    {
        { "plain HTTP", "GET / HTTP/1.1\r\nHost: app.example.com\r\n\r\n"u8.ToArray() },
        { "nothing but zeros", new byte[4096] },
        { "records of no length", [0x16, 3, 1, 0, 0, 0x16, 3, 1, 0, 0] },
        { "a record that is too long", [0x16, 3, 1, 0xFF, 0xFF, .. new byte[70_000]] },
        { "a message of 16 MB", [0x16, 3, 1, 0x40, 0, 1, 0xFF, 0xFF, 0xFF, .. new byte[100_000]] },
        { "an alert", [0x15, 3, 1, 0, 2, 2, 40] },
        { "data before its time", [0x17, 3, 3, 0, 5, 1, 2, 3, 4, 5] },
        { "SSL 2", [0x80, 0x2E, 1, 0, 2, 0, 0x15, 0, 0, 0, 0x10, .. new byte[37]] },
        { "a name that ends too early", ClientHello([0, 0, 0, 5, 0, 0xFF, 0, 0, 0xFF]) },
        { "two names at once", ClientHello([0, 0, 0, 5, 0, 3, 0, 0, 0, 0, 0, 0, 5, 0, 3, 0, 0, 0]) },
        { "no extensions", ClientHello([]) },
    };

    [Theory]
    [MemberData(nameof(Strange))]
    public async Task What_is_no_handshake_is_sent_away_and_harms_nobody(string what, byte[] bytes)
    {
        Assert.NotEmpty(what);
        await using var backend = await Backend.SayingAsync("here");
        await using var gateway = await StartAsync("OpenSsl", TlsLab.Chain("EC"), backend: backend);
        using (var socket = await ConnectAsync(gateway))
        {
            try
            {
                await socket.SendAsync(bytes, Cancel);
                while (await socket.ReceiveAsync(new byte[1024], Cancel) > 0)
                {
                }
            }
            catch (SocketException)
            {
                // A reset is an end as well.
            }
        }

        Assert.Contains("here", await AskAsync(gateway, "-servername app.example.com"));
        Assert.DoesNotContain(gateway.Logged, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_no_certificate_is_the_client_is_told_so()
    {
        await using var gateway = await StartAsync("OpenSsl", null);
        Assert.Contains("unrecognized name", await SayAsync(gateway, "-servername app.example.com"));
    }

    [Fact]
    public async Task Who_comes_while_certificates_change_is_served_and_who_was_there_stays()
    {
        await using var backend = await Backend.SayingAsync("here");
        var now = TlsLab.Chain("EC", "first");
        await using var gateway = await StartAsync("OpenSsl", null, backend: backend, certificates: _ => Volatile.Read(ref now));
        using var early = await ConnectAsync(gateway);
        await using var before = new SslStream(new NetworkStream(early));
        await before.AuthenticateAsClientAsync(As("app.example.com"), Cancel);
        for (var i = 0; i < 10; i++)
        {
            Volatile.Write(ref now, TlsLab.Chain(i % 2 == 0 ? "RSA" : "EC", $"number {i}"));
            GC.Collect();
            GC.WaitForPendingFinalizers();
            using var socket = await ConnectAsync(gateway);
            await using var tls = new SslStream(new NetworkStream(socket));
            await tls.AuthenticateAsClientAsync(As("app.example.com"), Cancel);
            Assert.Equal($"CN=number {i}", tls.RemoteCertificate!.Subject);
            Assert.EndsWith("here", await AskAsync(tls));
        }

        Assert.EndsWith("here", await AskAsync(before));
    }

    [Theory]
    [InlineData("OpenSsl")]
    [InlineData("Framework")]
    public async Task Who_says_that_it_says_no_more_is_still_answered(string kind)
    {
        await using var backend = await Backend.SayingAsync("here");
        await using var gateway = await StartAsync(kind, TlsLab.Chain("EC"), backend: backend);
        using var socket = await ConnectAsync(gateway);
        await using var tls = new SslStream(new NetworkStream(socket));
        await tls.AuthenticateAsClientAsync(As("app.example.com"), Cancel);
        await tls.WriteAsync("GET / HTTP/1.1\r\nHost: app.example.com\r\nConnection: close\r\n\r\n"u8.ToArray(), Cancel);
        await tls.ShutdownAsync();

        Assert.EndsWith("here", await ReadAsync(tls));
    }

    /// <summary>Without close_notify a client cannot tell an end from a cut (RFC 8446 section 6.1): OpenSSL says so.</summary>
    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task The_end_is_told(string version)
    {
        await using var backend = await Backend.SayingAsync("here");
        await using var gateway = await StartAsync("OpenSsl", TlsLab.Chain("EC"), backend: backend);
        var said = await AskAsync(gateway, $"{version} -servername app.example.com");

        Assert.Contains("here", said);
        Assert.DoesNotContain("unexpected eof", said);
    }

    private static async Task<RunningGateway> StartAsync(
        string kind,
        SslStreamCertificateContext? one,
        SslStreamCertificateContext? two = null,
        Backend? backend = null,
        Func<string?, SslStreamCertificateContext?>? certificates = null)
    {
        var gateway = await RunningGateway.StartAsync(
            options: new GatewayOptions { Http = [new(IPAddress.Loopback, 0)], Https = [new(IPAddress.Loopback, 0)], Tls = Enum.Parse<TlsKind>(kind) },
            certificates: certificates ?? (name => name is "two.example.com" ? two : one),
            transport: Edge.Connections.TransportKind.Epoll);
        if (backend is not null)
        {
            gateway.Serve([.. ((string[])["app", "one", "two"]).Select(name => RunningGateway.Service(name, backend.Uri))]);
        }

        return gateway;
    }

    private static SslClientAuthenticationOptions As(string host) => new() { TargetHost = host, RemoteCertificateValidationCallback = (_, _, _, _) => true };

    private static async Task<Socket> ConnectAsync(RunningGateway gateway)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, gateway.Https, Cancel);
        return socket;
    }

    private static async Task<string> AskAsync(SslStream tls)
    {
        await tls.WriteAsync("GET / HTTP/1.0\r\nHost: app.example.com\r\n\r\n"u8.ToArray(), Cancel);
        return await ReadAsync(tls);
    }

    private static async Task<string> ReadAsync(SslStream tls)
    {
        using var reader = new StreamReader(tls, Encoding.ASCII);
        return (await reader.ReadToEndAsync(Cancel)).Replace("\r\n0\r\n\r\n", "", StringComparison.Ordinal);
    }

    // What openssl and the gateway say to each other: a request and its answer, to the end of the connection.
    private static async Task<string> AskAsync(RunningGateway gateway, string options)
    {
        Shell.Need("openssl", "openssl");
        var host = options.Split(' ').SkipWhile(word => word != "-servername").ElementAt(1);
        var request = $"printf 'GET / HTTP/1.1\\r\\nHost: {host}\\r\\nConnection: close\\r\\n\\r\\n'";
        return await Shell.OutputAsync("sh", "-c", $"{request} | openssl s_client -connect 127.0.0.1:{gateway.Https} {options} -ign_eof 2>&1");
    }

    // The handshake only.
    private static async Task<string> SayAsync(RunningGateway gateway, string options)
    {
        Shell.Need("openssl", "openssl");
        return await Shell.OutputAsync("sh", "-c", $"openssl s_client -connect 127.0.0.1:{gateway.Https} {options} 2>&1 < /dev/null");
    }

    // A ClientHello for TLS 1.2 with one cipher suite and these extensions.
    private static byte[] ClientHello(byte[] extensions)
    {
        byte[] body = [3, 3, .. new byte[32], 0, 0, 2, 0xC0, 0x2B, 1, 0, .. extensions.Length > 0 ? (byte[])[0, (byte)extensions.Length, .. extensions] : []];
        byte[] message = [1, 0, 0, (byte)body.Length, .. body];
        return [0x16, 3, 1, 0, (byte)message.Length, .. message];
    }
}
