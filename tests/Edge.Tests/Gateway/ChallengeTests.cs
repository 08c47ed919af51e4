using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Edge.Acme;
using Edge.Tests.Certificates;
using Xunit;

namespace Edge.Tests.Gateway;

/// <summary>CAs that come to look are answered by the gateway before anything else, and visitors never see what they see.</summary>
public sealed class ChallengeTests : IAsyncLifetime
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    private readonly HttpChallenges _http = new();
    private readonly TlsChallenges _tls = new(TimeProvider.System);
    private RunningGateway _gateway = null!;

    public async ValueTask InitializeAsync() => _gateway = await RunningGateway.StartAsync(http: _http, tls: _tls);

    [Theory]
    [InlineData("nas.example.com")]
    [InlineData("of-nobody.example.org")]
    [InlineData("203.0.113.10")]
    [InlineData("[2001:db8::1]")]
    [InlineData("nas.example.com:80")]
    public async Task Http_is_answered_for_every_host_before_the_redirect(string host)
    {
        await using (await _http.PresentAsync([Answer("nas.example.com")], Cancel))
        {
            var (status, body) = await GetAsync(host, "/.well-known/acme-challenge/token-1");
            Assert.Equal((HttpStatusCode.OK, "token-1.thumb"), (status, body));
            Assert.Equal(HttpStatusCode.PermanentRedirect, (await GetAsync("nas.example.com", "/.well-known/acme-challenge/token-2")).Status);
            Assert.Equal(HttpStatusCode.PermanentRedirect, (await GetAsync("nas.example.com", "/")).Status);
        }

        Assert.Equal(HttpStatusCode.PermanentRedirect, (await GetAsync("nas.example.com", "/.well-known/acme-challenge/token-1")).Status);
    }

    [Fact]
    public async Task A_handshake_of_the_CA_sees_the_challenge_and_a_visitors_at_the_same_time_does_not()
    {
        await using (await _tls.PresentAsync([Answer("nas.example.com")], Cancel))
        {
            Assert.True(IsChallenge(await HandshakeAsync("nas.example.com", TlsChallenges.Protocol)));
            Assert.False(IsChallenge(await HandshakeAsync("nas.example.com", SslApplicationProtocol.Http2, SslApplicationProtocol.Http11)));
            Assert.False(IsChallenge(await HandshakeAsync("nas.example.com")));
            Assert.False(IsChallenge(await HandshakeAsync("nas.example.com", SslApplicationProtocol.Http11, TlsChallenges.Protocol)));
            Assert.Contains("acme-tls/1", OpenSsl.Run("s_client", "-connect", $"127.0.0.1:{_gateway.Https}", "-servername", "nas.example.com", "-alpn", "acme-tls/1"));

            // For another name there is no challenge, and nothing else is spoken on such a connection (RFC 8737 §3).
            await Assert.ThrowsAnyAsync<Exception>(() => HandshakeAsync("www.example.com", TlsChallenges.Protocol));
        }

        await Assert.ThrowsAnyAsync<Exception>(() => HandshakeAsync("nas.example.com", TlsChallenges.Protocol));
    }

    [Fact]
    public async Task While_a_challenge_runs_requests_go_on_and_a_client_that_says_nothing_holds_nobody_up()
    {
        using var silent = new TcpClient();
        await silent.ConnectAsync(IPAddress.Loopback, _gateway.Https, Cancel);
        await using (await _tls.PresentAsync([Answer("nas.example.com")], Cancel))
        {
            using var torn = new TcpClient();
            await torn.ConnectAsync(IPAddress.Loopback, _gateway.Https, Cancel);
            await torn.GetStream().WriteAsync(new byte[] { 22, 3, 1, 1 }, Cancel);
            using var http = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } });
            var response = await http.GetAsync($"https://localhost:{_gateway.Https}/", Cancel);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }
    }

    /// <summary>Whatever comes as a first record, it is read to its end or told from one, and nothing breaks.</summary>
    [Fact]
    public void Any_bytes_are_a_hello_or_none()
    {
        var hello = Convert.FromHexString(
            "160301006401000060" + "0303" + new string('0', 64) + "00" + "0002C02F" + "0100" + "0035"
            + "00000014001200000F6E61732E6578616D706C652E636F6D" + "0010000D000B0A61636D652D746C732F31" + "000A00080006001D00170018");
        Assert.True(ClientHello.TryRead(new ReadOnlySequence<byte>(hello), out var read));
        Assert.Equal("nas.example.com", read!.ServerName);
        Assert.Equal(["acme-tls/1"], read.Protocols);
        var random = new Random(7);
        for (var turn = 0; turn < 20000; turn++)
        {
            var bytes = hello.AsSpan(0, random.Next(hello.Length + 1)).ToArray();
            for (var change = random.Next(4); change > 0 && bytes.Length > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            ClientHello.TryRead(new ReadOnlySequence<byte>(bytes), out _);
        }

        Assert.False(ClientHello.TryRead(new ReadOnlySequence<byte>(hello.AsMemory(0, 50)), out _));
        Assert.True(ClientHello.TryRead(new ReadOnlySequence<byte>("GET / HTTP/1.1"u8.ToArray()), out var none));
        Assert.Null(none);
    }

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();

    private static bool IsChallenge(X509Certificate2 seen) => seen.Extensions.Any(extension => extension.Oid!.Value == "1.3.6.1.5.5.7.1.31");

    private async Task<(HttpStatusCode Status, string Body)> GetAsync(string host, string path)
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{_gateway.Http}{path}") { Headers = { Host = host } };
        using var response = await http.SendAsync(request, Cancel);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancel));
    }

    private async Task<X509Certificate2> HandshakeAsync(string name, params SslApplicationProtocol[] protocols)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _gateway.Https, Cancel);
        await using var tls = new SslStream(client.GetStream(), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = name, ApplicationProtocols = protocols.Length == 0 ? null : [.. protocols], EnabledSslProtocols = SslProtocols.None }, Cancel);
        return new X509Certificate2(tls.RemoteCertificate!);
    }

    private static ChallengeAnswer Answer(string name) => new()
    {
        Type = ChallengeType.Http01,
        Identifier = AcmeIdentifier.Of(name),
        Token = "token-1",
        KeyAuthorization = "token-1.thumb",
        Account = new Uri("https://ca.test/account/opaque-1"),
    };
}
