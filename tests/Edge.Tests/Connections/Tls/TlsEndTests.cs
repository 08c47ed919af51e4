using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Edge.Connections;
using Edge.Connections.Tls;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Tests.Connections.Tls;

/// <summary>The farewell of TLS (RFC 8446 section 6.1) waits for a client that takes nothing, and not for ever.</summary>
public sealed class TlsEndTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_takes_nothing_for_five_minutes_is_waited_for_no_more(bool takes)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint, Cancel);
        using var server = await listener.AcceptTcpClientAsync(Cancel);
        await using var bytes = new StuckStream(server.GetStream());
        var options = new SslServerAuthenticationOptions { ServerCertificateContext = TlsLab.Chain("EC") };
        using var session = new TlsSession(TlsLibrary.Find(NullLogger.Instance)!, _ => options);
        await using var tls = new TlsStream(session, bytes);
        await using var peer = new SslStream(client.GetStream(), false, (_, _, _, _) => true);
        await Task.WhenAll(tls.ShakeHandsAsync(Cancel).AsTask(), peer.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "a.example.com" }, Cancel));

        bytes.IsStuck = !takes;
        var time = new FakeTimeProvider();
        var ending = tls.EndAsync(time).AsTask();
        if (!takes)
        {
            time.Advance(TimeSpan.FromMinutes(4));
            Assert.False(ending.IsCompleted);
            time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(takes, await ending.WaitAsync(TimeSpan.FromSeconds(20), Cancel));
        if (takes)
        {
            Assert.Equal(0, await peer.ReadAsync(new byte[1], Cancel));
        }
    }

    // Takes what is written, until it does not any more.
    private sealed class StuckStream(Stream inner) : UnseekableStream
    {
        public override bool CanRead => true;

        public override bool CanWrite => true;

        public bool IsStuck { get; set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            IsStuck ? new ValueTask(new TaskCompletionSource().Task) : inner.WriteAsync(buffer, cancellationToken);
    }
}
