using System.Buffers;
using System.Net;
using System.Net.Quic;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Security.Authentication;
using Edge.Dns.Nameserver;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Listeners;

/// <summary>DNS over QUIC on one address (RFC 9250), where the system has libmsquic: each query on a stream of its own.</summary>
[SupportedOSPlatform("linux")]
[SupportedOSPlatform("macos")]
[SupportedOSPlatform("windows")]
internal sealed partial class QuicDnsListener : IAsyncDisposable
{
    // RFC 9250 §8.4.
    private const long NoError = 0;
    private const long InternalError = 1;
    private const long ProtocolError = 2;
    private const int MaxStreams = 100;

    private static readonly List<SslApplicationProtocol> Protocols = [new("doq")];

    private readonly QuicListener _listener;
    private readonly QueryProcessor _processor;
    private readonly ListenerOptions _options;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private int _connections;
    private Task _accepting = Task.CompletedTask;

    private QuicDnsListener(QuicListener listener, QueryProcessor processor, ListenerOptions options, ILogger logger) =>
        (_listener, _processor, _options, _logger) = (listener, processor, options, logger);

    /// <summary>Whether this machine can speak QUIC.</summary>
    [SupportedOSPlatformGuard("linux")]
    [SupportedOSPlatformGuard("macos")]
    [SupportedOSPlatformGuard("windows")]
    public static bool IsSupported => QuicListener.IsSupported;

    /// <summary>The address bound, with the port the system chose if 0 was asked for.</summary>
    public IPEndPoint EndPoint => _listener.LocalEndPoint;

    /// <summary>Binds the address; connections are accepted after <see cref="Start"/>.</summary>
    /// <exception cref="ListenException">The address cannot be bound.</exception>
    public static QuicDnsListener Bind(IPEndPoint address, TlsHandshake tls, QueryProcessor processor, ListenerOptions options, ILogger logger)
    {
        try
        {
            var listening = QuicListener.ListenAsync(new QuicListenerOptions
            {
                ListenEndPoint = address,
                ApplicationProtocols = Protocols,
                ConnectionOptionsCallback = (_, hello, _) => ValueTask.FromResult(ConnectionOptions(tls, hello)),
            });
            return new QuicDnsListener(listening.AsTask().GetAwaiter().GetResult(), processor, options, logger);
        }
        catch (Exception e) when (e is QuicException or SocketException)
        {
            throw new ListenException($"cannot listen on {address} (QUIC): {e.Message}", e);
        }
    }

    /// <summary>Begins to accept.</summary>
    public void Start() => _accepting = Task.Run(AcceptAsync);

    /// <summary>Stops accepting and closes every connection.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _listener.DisposeAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
    }

    // No early data is taken, so nothing can be replayed (RFC 9250 §4.5); .NET's server has none.
    private static QuicServerConnectionOptions ConnectionOptions(TlsHandshake tls, SslClientHelloInfo hello) => new()
    {
        DefaultStreamErrorCode = InternalError,
        DefaultCloseErrorCode = NoError,
        MaxInboundBidirectionalStreams = MaxStreams,
        MaxInboundUnidirectionalStreams = 0,
        IdleTimeout = TimeSpan.FromSeconds(30),
        ServerAuthenticationOptions = tls.OptionsFor(hello.ServerName, Protocols),
    };

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                _ = ServeAsync(await _listener.AcceptConnectionAsync(_stop.Token).ConfigureAwait(false));
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (Exception e) when (e is QuicException or AuthenticationException or IOException)
            {
                Log.NoHandshake(_logger, EndPoint, e.Message);
            }
        }
    }

    private async Task ServeAsync(QuicConnection connection)
    {
        await using (connection.ConfigureAwait(false))
        {
            try
            {
                if (Interlocked.Increment(ref _connections) > _options.MaxConnections)
                {
                    return;
                }

                var context = new QueryContext(
                    ClientAddress.From(connection.RemoteEndPoint.Address), Transport.Quic, ClientAddress.From(connection.LocalEndPoint.Address));
                while (true)
                {
                    var stream = await connection.AcceptInboundStreamAsync(_stop.Token).ConfigureAwait(false);
                    _ = AnswerAsync(connection, stream, context);
                }
            }
            catch (Exception e) when (e is QuicException or OperationCanceledException or ObjectDisposedException)
            {
                // The client has gone or rested too long, or the server stops.
            }
            finally
            {
                Interlocked.Decrement(ref _connections);
            }
        }
    }

    private async Task AnswerAsync(QuicConnection connection, QuicStream stream, QueryContext context)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(QueryFrames.Longest + 1);
        try
        {
            await using (stream.ConfigureAwait(false))
            {
                // 1. One query and the end of the stream (RFC 9250 §4.2); whatever is not that ends the connection (§4.3.3).
                var length = await ReadAsync(stream, buffer).ConfigureAwait(false);
                if (!QueryFrames.TryTake(buffer.AsSpan(0, length), out var query) || length != QueryFrames.Prefix + query.Length || !QuicQuery.IsAllowed(query))
                {
                    await connection.CloseAsync(ProtocolError, _stop.Token).ConfigureAwait(false);
                    return;
                }

                // 2. Its answer, or answers, and the end of the stream.
                await _processor.AnswerAsync(buffer.AsMemory(QueryFrames.Prefix, length - QueryFrames.Prefix), context, new FramedSink(stream), _stop.Token).ConfigureAwait(false);
                stream.CompleteWrites();
            }
        }
        catch (Exception e) when (e is QuicException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // Nobody waits for this answer any more.
        }
        catch (Exception e)
        {
            Log.Failed(_logger, e, context.Client);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask<int> ReadAsync(QuicStream stream, byte[] buffer)
    {
        var length = 0;
        while (length < buffer.Length)
        {
            var count = await stream.ReadAsync(buffer.AsMemory(length), _stop.Token).ConfigureAwait(false);
            if (count == 0)
            {
                break;
            }

            length += count;
        }

        return length;
    }

    private static partial class Log
    {
        [LoggerMessage(1015, LogLevel.Debug, "QUIC {EndPoint}: no handshake: {Reason}")]
        public static partial void NoHandshake(ILogger logger, IPEndPoint endPoint, string reason);

        [LoggerMessage(1016, LogLevel.Error, "QUIC: a query of {Client} failed")]
        public static partial void Failed(ILogger logger, Exception error, ClientAddress client);
    }
}
