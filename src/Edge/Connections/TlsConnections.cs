using System.Net.Security;
using System.Security.Authentication;
using Edge.Connections.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Edge.Connections;

/// <summary>
/// TLS straight on a loop's socket. Kestrel's own puts a pipe on either side of it and writes a record for every 4 KiB,
/// each with a system call of its own.
/// </summary>
/// <param name="select">Gives the options of a handshake.</param>
/// <param name="logger">Is told of handshakes that fail, at Debug: strangers do that all day.</param>
/// <param name="library">The system's OpenSSL; when left out, or where a handshake wants what it is not asked for here, the framework's TLS serves.</param>
internal sealed partial class TlsConnections(Func<SslClientHelloInfo, ConnectionContext, SslServerAuthenticationOptions> select, ILogger logger, TlsLibrary? library = null)
{
    private static readonly ServerOptionsSelectionCallback Select = static (_, hello, state, _) =>
    {
        var (all, connection, selected) = ((TlsConnections, LoopConnection, SslServerAuthenticationOptions?))state!;
        return ValueTask.FromResult(selected ?? all._select(hello, connection));
    };

    private readonly Func<SslClientHelloInfo, ConnectionContext, SslServerAuthenticationOptions> _select = select;

    /// <summary>Adds it to the way of a listener's connections.</summary>
    public void Use(IConnectionBuilder way) => way.Use(next => connection => ServeAsync((LoopConnection)connection, next));

    private Task ServeAsync(LoopConnection connection, ConnectionDelegate next)
    {
        // Somebody before may have read the beginning already, and left the rest in the pipe.
        Stream bytes = connection.IsTransportUsed ? new DuplexStream(connection.Transport) : connection.Stream;
        return library is null ? ServeByFrameworkAsync(connection, next, bytes, null) : ServeAsync(connection, next, bytes, library);
    }

    private async Task ServeAsync(LoopConnection connection, ConnectionDelegate next, Stream bytes, TlsLibrary by)
    {
        using var session = new TlsSession(by, name => _select(new SslClientHelloInfo(name, SslProtocols.None), connection));
        await using var tls = new TlsStream(session, bytes);
        switch (await ShakeHandsAsync(connection, tls).ConfigureAwait(false))
        {
            case HandshakeStep.Done:
                break;
            case HandshakeStep.Elsewhere:
                var beginning = session.Input.Kept.ToArray();
                session.Dispose();
                await ServeByFrameworkAsync(connection, next, new BegunStream(beginning, bytes), session.Options).ConfigureAwait(false);
                return;
            default:
                return;
        }

        var agreed = session.Agreed();
        connection.Features.Set<ITlsConnectionFeature>(agreed);
        connection.Features.Set<ITlsHandshakeFeature>(agreed);
        connection.Features.Set<ITlsApplicationProtocolFeature>(agreed);
        await GoOnAsync(connection, next, tls).ConfigureAwait(false);
        if (!await tls.EndAsync(TimeProvider.System).ConfigureAwait(false))
        {
            connection.Abort(new ConnectionAbortedException("The client takes no more."));
        }
    }

    // Not done: it has failed.
    private async ValueTask<HandshakeStep> ShakeHandsAsync(LoopConnection connection, TlsStream tls)
    {
        var patience = HandshakePatience.Begin();
        try
        {
            return await tls.ShakeHandsAsync(patience.Token).ConfigureAwait(false);
        }
        catch (AuthenticationException refused)
        {
            // The alert that says so is under way: no reset overtakes it.
            Log.Failed(logger, connection.RemoteEndPoint, refused.Message);
        }
        catch (Exception failed) when (IsExpected(failed))
        {
            Log.Failed(logger, connection.RemoteEndPoint, failed.Message);
            connection.Abort();
        }
        finally
        {
            HandshakePatience.End(patience);
        }

        return HandshakeStep.NeedsBytes;
    }

    private async Task ServeByFrameworkAsync(LoopConnection connection, ConnectionDelegate next, Stream bytes, SslServerAuthenticationOptions? selected)
    {
        await using var tls = new SslStream(bytes, leaveInnerStreamOpen: true);
        if (!await ShakeHandsAsync(connection, tls, selected).ConfigureAwait(false))
        {
            connection.Abort();
            return;
        }

        var feature = new TlsFeature(tls);
        connection.Features.Set<ITlsConnectionFeature>(feature);
        connection.Features.Set<ITlsHandshakeFeature>(feature);
        connection.Features.Set<ITlsApplicationProtocolFeature>(feature);
        connection.Features.Set<ISslStreamFeature>(feature);
        await GoOnAsync(connection, next, tls).ConfigureAwait(false);
    }

    private static async Task GoOnAsync(LoopConnection connection, ConnectionDelegate next, Stream tls)
    {
        var before = connection.IsTransportUsed ? connection.Transport : null;
        var transport = new StreamTransport(tls, connection);
        connection.Transport = transport;
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            // What was written leaves, whatever went wrong behind it.
            await transport.CompleteAsync().ConfigureAwait(false);
            connection.Transport = before ?? transport;
        }
    }

    private async Task<bool> ShakeHandsAsync(LoopConnection connection, SslStream tls, SslServerAuthenticationOptions? selected)
    {
        var patience = HandshakePatience.Begin();
        try
        {
            await tls.AuthenticateAsServerAsync(Select, (this, connection, selected), patience.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception failed) when (IsExpected(failed))
        {
            Log.Failed(logger, connection.RemoteEndPoint, failed.Message);
            return false;
        }
        finally
        {
            HandshakePatience.End(patience);
        }
    }

    private static bool IsExpected(Exception failed) => failed is OperationCanceledException or IOException or AuthenticationException or ObjectDisposedException;

    private static partial class Log
    {
        [LoggerMessage(5910, LogLevel.Debug, "The TLS handshake with {Client} failed: {Reason}")]
        public static partial void Failed(ILogger logger, System.Net.EndPoint? client, string reason);
    }
}
