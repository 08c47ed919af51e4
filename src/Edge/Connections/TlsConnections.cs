using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Edge.Connections;

/// <summary>
/// TLS straight on a loop's socket. Kestrel's own puts a pipe on either side of it and writes a record for every 4 KiB,
/// each with a system call of its own.
/// </summary>
/// <param name="select">Gives the options of a handshake.</param>
/// <param name="logger">Is told of handshakes that fail, at Debug: strangers do that all day.</param>
internal sealed partial class TlsConnections(Func<SslClientHelloInfo, ConnectionContext, SslServerAuthenticationOptions> select, ILogger logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly ServerOptionsSelectionCallback Select = static (_, hello, state, _) =>
    {
        var (all, connection) = ((TlsConnections, LoopConnection))state!;
        return ValueTask.FromResult(all._select(hello, connection));
    };

    private readonly Func<SslClientHelloInfo, ConnectionContext, SslServerAuthenticationOptions> _select = select;

    /// <summary>Adds it to the way of a listener's connections.</summary>
    public void Use(ListenOptions listen) => listen.Use(next => connection => ServeAsync((LoopConnection)connection, next));

    private async Task ServeAsync(LoopConnection connection, ConnectionDelegate next)
    {
        // Somebody before may have read the beginning already, and left the rest in the pipe.
        var before = connection.IsTransportUsed ? connection.Transport : null;
        Stream bytes = before is null ? connection.Stream : new DuplexStream(before);
        await using var tls = new SslStream(bytes, leaveInnerStreamOpen: true);
        if (!await ShakeHandsAsync(connection, tls).ConfigureAwait(false))
        {
            connection.Abort();
            return;
        }

        var feature = new TlsFeature(tls);
        connection.Features.Set<ITlsConnectionFeature>(feature);
        connection.Features.Set<ITlsHandshakeFeature>(feature);
        connection.Features.Set<ITlsApplicationProtocolFeature>(feature);
        connection.Features.Set<ISslStreamFeature>(feature);
        var transport = new StreamTransport(tls, connection);
        connection.Transport = transport;
        await next(connection).ConfigureAwait(false);
        await transport.CompleteAsync().ConfigureAwait(false);
        connection.Transport = before ?? transport;
    }

    private async Task<bool> ShakeHandsAsync(LoopConnection connection, SslStream tls)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await tls.AuthenticateAsServerAsync(Select, (this, connection), patience.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception failed) when (failed is OperationCanceledException or IOException or AuthenticationException or ObjectDisposedException)
        {
            Log.Failed(logger, connection.RemoteEndPoint, failed.Message);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5910, LogLevel.Debug, "The TLS handshake with {Client} failed: {Reason}")]
        public static partial void Failed(ILogger logger, System.Net.EndPoint? client, string reason);
    }
}
