using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Edge.Dns.Listeners;
using Edge.Dns.Nameserver;
using Edge.Dns.Resolver;
using Edge.Dns.Tests.Nameserver;
using Edge.Dns.Wire;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Dns.Tests.Listeners;

/// <summary>A nameserver on loopback, on a port the system chose.</summary>
internal sealed class ListeningServer : IAsyncDisposable
{
    public const string Zone = """
        $ORIGIN example.com.
        $TTL 300
        @       SOA   ns hostmaster 1 7200 900 1209600 300
        @       NS    ns
        @       MX    10 web
        ns      A     192.0.2.53
        web     A     192.0.2.80
        web     AAAA  2001:db8::80
        *.nas   CNAME web
        big     TXT   "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
        big     TXT   "1123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
        big     TXT   "2123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
        big     TXT   "3123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
        big     TXT   "4123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
        """;

    private readonly DnsListeners _listeners;

    public ListeningServer(ListenerOptions? options = null, TimeProvider? time = null, IRecursor? recursor = null, IPAddress? address = null, NameserverOptions? answering = null, string? zone = null)
    {
        Nameserver = TestNameserver.With(recursor, ("example.com.", zone ?? Zone));
        if (answering is not null)
        {
            Nameserver.Using(answering);
        }

        Nameserver.Views = new Edge.Dns.Views.ViewSet([Edge.Dns.Views.View.Declare("lan", [IPNetwork.Parse("127.0.0.1/32")])]);
        _listeners = DnsListeners.Bind(
            [new IPEndPoint(address ?? IPAddress.Loopback, 0)], Nameserver.Processor, options ?? new ListenerOptions(), time ?? TimeProvider.System, NullLoggerFactory.Instance,
            new EncryptedEndPoints([new IPEndPoint(IPAddress.Loopback, 0)], name => name == "nobody.example.com" ? null : TestCertificate.Context));
        _listeners.Start();
    }

    public TestNameserver Nameserver { get; }

    public IPEndPoint EndPoint => _listeners.EndPoints[0];

    public int Port => EndPoint.Port;

    /// <summary>TCP connections that are open.</summary>
    public int ConnectionCount => _listeners.TcpConnectionCount;

    /// <summary>Connections under TLS that are open.</summary>
    public int TlsConnectionCount => _listeners.TlsConnectionCount;

    public int TlsPort => _listeners.TlsEndPoints[0].Port;

    public async Task<TcpClient> ConnectAsync()
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port, TestContext.Current.CancellationToken);
        return client;
    }

    /// <summary>Runs dig or kdig against this server; what it prints.</summary>
    public string Run(string program, string arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments.Contains("-p ") ? arguments : $"-p {Port} {arguments}") { RedirectStandardOutput = true })!;
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return output;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip($"{program} is missing: apt-get install {(program == "dig" ? "bind9-dnsutils" : "knot-dnsutils")}");
            throw;
        }
    }

    /// <summary>A connection under TLS whose client offers these protocols by ALPN.</summary>
    public async Task<SslStream> ConnectTlsAsync(string name = "ns.example.com", params string[] protocols)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, TlsPort, TestContext.Current.CancellationToken);
        var stream = new SslStream(client.GetStream(), false, (_, _, _, _) => true);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = name,
            ApplicationProtocols = protocols.Length == 0 ? null : [.. protocols.Select(protocol => new SslApplicationProtocol(protocol))],
        };
        await stream.AuthenticateAsClientAsync(options, TestContext.Current.CancellationToken);
        return stream;
    }

    public static byte[] Framed(byte[] query) => [(byte)(query.Length >> 8), (byte)query.Length, .. query];

    public static async Task<Message> ReadFramedAsync(Stream stream)
    {
        var length = new byte[2];
        await stream.ReadExactlyAsync(length, TestContext.Current.CancellationToken);
        var message = new byte[(length[0] << 8) | length[1]];
        await stream.ReadExactlyAsync(message, TestContext.Current.CancellationToken);
        return TestNameserver.Read(message);
    }

    public async ValueTask DisposeAsync() => await _listeners.StopAsync();
}
