using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Edge.Dns.Tsig;
using Edge.Dns.Wire;

namespace Edge.Dns.Transfer;

/// <summary>A connection to a primary, over TCP or TLS: one request after the other.</summary>
internal sealed class PrimaryConnection : IAsyncDisposable
{
    // The primary may have to build the zone first; between two messages of a transfer it has no excuse.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly SslApplicationProtocol Dot = new("dot");

    private readonly TsigKey? _key;
    private readonly Stream _stream;
    private readonly TimeProvider _time;
    private readonly CancellationToken _cancel;

    private PrimaryConnection(TsigKey? key, Stream stream, TimeProvider time, CancellationToken cancel) =>
        (_key, _stream, _time, _cancel) = (key, stream, time, cancel);

    /// <summary>Connects.</summary>
    /// <exception cref="TransferException">It cannot be reached, or is not the one meant.</exception>
    public static async Task<PrimaryConnection> OpenAsync(PrimaryServer primary, TsigKey? key, TimeProvider time, CancellationToken cancel)
    {
        var socket = new Socket(primary.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
        try
        {
            await socket.ConnectAsync(primary.EndPoint, either.Token).ConfigureAwait(false);
            var stream = new NetworkStream(socket, ownsSocket: true);
            var encrypted = primary.Tls is { } tls ? await EncryptAsync(stream, primary, tls, either.Token).ConfigureAwait(false) : (Stream)stream;
            return new PrimaryConnection(key, encrypted, time, cancel);
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            socket.Dispose();
            throw new TransferException(e is AuthenticationException ? $"TLS fails: {e.GetBaseException().Message}" : e is OperationCanceledException ? "no connection in time" : e.Message);
        }
    }

    /// <summary>Sends a request and gives its answers one after the other, each verified. The reader knows when it has the last.</summary>
    /// <exception cref="TransferException">No answer, or one that must not be believed.</exception>
    public async IAsyncEnumerable<Message> AskAsync(Message question)
    {
        using var request = new PeerRequest(question, _key, _time);
        await SendAsync(request.Wire).ConfigureAwait(false);
        while (true)
        {
            var wire = await ReceiveAsync().ConfigureAwait(false);
            var message = request.Read(wire, out var problem) ?? throw new TransferException(problem!);
            IsSigned = request.Complete;
            yield return message;
        }
    }

    /// <summary>Whether the answers that were read are all covered by a signature, if they have to be.</summary>
    public bool IsSigned { get; private set; }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    // RFC 9103 asks for TLS 1.3, and for ALPN to tell that this is DNS.
    private static async Task<SslStream> EncryptAsync(NetworkStream stream, PrimaryServer primary, PrimaryTls tls, CancellationToken cancel)
    {
        var encrypted = new SslStream(stream);
        var target = tls.Name ?? primary.EndPoint.Address.ToString();
        string? doubt = null;
        try
        {
            await encrypted.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = target,
                    ApplicationProtocols = [Dot],
                    EnabledSslProtocols = SslProtocols.Tls13,
                    RemoteCertificateValidationCallback = (_, certificate, chain, errors) => (doubt = tls.Doubt(certificate, target, chain, errors)) is null,
                },
                cancel).ConfigureAwait(false);
        }
        catch (AuthenticationException) when (doubt is not null)
        {
            // What the platform says of it is that we have refused.
            throw new AuthenticationException(doubt);
        }

        return encrypted.NegotiatedApplicationProtocol == Dot
            ? encrypted
            : throw new AuthenticationException("the server does not know the protocol \"dot\" (ALPN)");
    }

    private async Task SendAsync(ReadOnlyMemory<byte> message)
    {
        var framed = new byte[2 + message.Length];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)message.Length);
        message.CopyTo(framed.AsMemory(2));
        await InTimeAsync(token => _stream.WriteAsync(framed, token)).ConfigureAwait(false);
    }

    private async Task<byte[]> ReceiveAsync()
    {
        var length = new byte[2];
        await InTimeAsync(token => _stream.ReadExactlyAsync(length, token)).ConfigureAwait(false);
        var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
        await InTimeAsync(token => _stream.ReadExactlyAsync(message, token)).ConfigureAwait(false);
        return message;
    }

    private async Task InTimeAsync(Func<CancellationToken, ValueTask> work)
    {
        using var patience = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _cancel);
        try
        {
            await work(either.Token).ConfigureAwait(false);
        }
        catch (EndOfStreamException)
        {
            throw new TransferException("it closed the connection before the end");
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            throw new TransferException(e.Message);
        }
        catch (OperationCanceledException) when (!_cancel.IsCancellationRequested)
        {
            throw new TransferException($"no answer for {Patience.TotalSeconds} s");
        }
    }
}
