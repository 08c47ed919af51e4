using System.Net;
using System.Net.Quic;
using System.Net.Security;
using System.Runtime.Versioning;
using Edge.Dns.Listeners;
using Edge.Dns.Tests.Nameserver;
using Edge.Dns.Tests.Transfer;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Listeners;

/// <summary>DNS over QUIC, asked by .NET's own client.</summary>
[SupportedOSPlatform("linux")]
public sealed class Rfc9250QuicTests
{
    private const long ProtocolError = 2;
    private const string Missing = "libmsquic is missing, which Debian has not; Microsoft's package repository has it";

    private static readonly EncryptedEndPoints EndPoints = new([], _ => TestCertificate.Context) { Quic = [new IPEndPoint(IPAddress.Loopback, 0)] };

    [Fact]
    public async Task RFC_9250_4_2_each_query_has_a_stream_and_the_ID_0()
    {
        await using var listeners = Listen();
        await using var connection = await ConnectAsync(listeners);
        foreach (var (name, expected) in ((string, Rcode)[])[("web.example.com.", Rcode.NoError), ("gone.example.com.", Rcode.NxDomain)])
        {
            var answer = await AskAsync(connection, Query(name));
            Assert.Equal((0, expected), (answer.Id, answer.Rcode));
        }
    }

    public static TheoryData<string, byte[]> Violations => new()
    {
        { "§4.2.1: an ID", Query("web.example.com.", id: 7) },
        { "§5.5.2: the keepalive option", Query("web.example.com.", new Edns(1232) { Options = [new EdnsOption(EdnsOption.KeepaliveOption, Array.Empty<byte>())] }) },
        { "§4.2: a length that is not the query's", [0, 5, 1, 2, 3] },
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public async Task RFC_9250_4_3_3_a_violation_ends_the_connection(string what, byte[] query)
    {
        await using var listeners = Listen();
        await using var connection = await ConnectAsync(listeners);
        var error = await Assert.ThrowsAsync<QuicException>(() => AskAsync(connection, query));
        Assert.True(error.ApplicationErrorCode == ProtocolError, $"{what}: {error}");
    }

    [Fact]
    public async Task Without_libmsquic_the_log_says_so_and_all_else_is_served()
    {
        Assert.SkipWhen(QuicListener.IsSupported, "libmsquic is here");
        var logs = new RecordingLogs();
        await using var listeners = Bind(logs);
        Assert.Empty(listeners.QuicEndPoints);
        Assert.Single(listeners.EndPoints);
        Assert.Contains(logs.Lines, line => line.Contains("libmsquic", StringComparison.Ordinal));
    }

    private static DnsListeners Listen()
    {
        Assert.SkipUnless(QuicListener.IsSupported, Missing);
        var listeners = Bind(new RecordingLogs());
        listeners.Start();
        return listeners;
    }

    private static DnsListeners Bind(RecordingLogs logs) => DnsListeners.Bind(
        [new IPEndPoint(IPAddress.Loopback, 0)], TestNameserver.With(("example.com.", ListeningServer.Zone)).Processor, new ListenerOptions(), TimeProvider.System, logs, EndPoints);

    private static ValueTask<QuicConnection> ConnectAsync(DnsListeners listeners) => QuicConnection.ConnectAsync(
        new QuicClientConnectionOptions
        {
            RemoteEndPoint = listeners.QuicEndPoints[0],
            DefaultCloseErrorCode = 0,
            DefaultStreamErrorCode = 0,
            ClientAuthenticationOptions = new SslClientAuthenticationOptions
            {
                TargetHost = "ns.example.com", ApplicationProtocols = [new SslApplicationProtocol("doq")], RemoteCertificateValidationCallback = (_, _, _, _) => true,
            },
        },
        TestContext.Current.CancellationToken);

    private static async Task<Message> AskAsync(QuicConnection connection, byte[] query)
    {
        await using var stream = await connection.OpenOutboundStreamAsync(QuicStreamType.Bidirectional, TestContext.Current.CancellationToken);
        await stream.WriteAsync(query, completeWrites: true, TestContext.Current.CancellationToken);
        var answer = await ListeningServer.ReadFramedAsync(stream);
        Assert.Equal(0, await stream.ReadAsync(new byte[1], TestContext.Current.CancellationToken));
        return answer;
    }

    private static byte[] Query(string name, Edns? edns = null, ushort id = 0)
    {
        var query = TestNameserver.Query(name, "A", edns);
        (query[0], query[1]) = ((byte)(id >> 8), (byte)id);
        return ListeningServer.Framed(query);
    }
}
