using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;

namespace Edge.Acme;

/// <summary>
/// Answers the handshakes of tls-alpn-01 below Kestrel's own TLS. Without a challenge no byte is looked at; with one, the
/// ClientHello is read before anybody else does, and left where it was.
/// </summary>
internal static class TlsChallengeConnections
{
    // As long as Kestrel gives a handshake.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>To be called before <c>UseHttps</c>.</summary>
    public static void Use(IConnectionBuilder way, TlsChallenges challenges) => way.Use(next => connection =>
        challenges.IsIdle ? next(connection) : LookAsync(connection, challenges, next));

    private static async Task LookAsync(ConnectionContext connection, TlsChallenges challenges, ConnectionDelegate next)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        patience.CancelAfter(Patience);
        if (await PeekAsync(connection, patience.Token).ConfigureAwait(false) is { } hello && hello.Protocols is [var only] && only == TlsChallenges.Protocol.ToString())
        {
            // RFC 8737 §3: another protocol is not spoken on such a connection; without a challenge for it, it is refused.
            if (challenges.Find(hello.ServerName) is { } certificate)
            {
                await AnswerAsync(connection, certificate, patience.Token).ConfigureAwait(false);
            }

            return;
        }

        await next(connection).ConfigureAwait(false);
    }

    private static async Task<ClientHello?> PeekAsync(ConnectionContext connection, CancellationToken cancel)
    {
        var input = connection.Transport.Input;
        while (true)
        {
            System.IO.Pipelines.ReadResult read;
            try
            {
                read = await input.ReadAsync(cancel).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return null;
            }

            var done = ClientHello.TryRead(read.Buffer, out var hello) || read.IsCompleted;

            // Seen, and not taken: whoever reads next begins at the first byte again.
            input.AdvanceTo(read.Buffer.Start, done ? read.Buffer.Start : read.Buffer.End);
            if (done)
            {
                return hello;
            }
        }
    }

    private static async Task AnswerAsync(ConnectionContext connection, SslStreamCertificateContext certificate, CancellationToken cancel)
    {
        await using var stream = new DuplexPipeStream(connection.Transport);
        await using var tls = new SslStream(stream);
        try
        {
            await tls.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = certificate,
                    ApplicationProtocols = [TlsChallenges.Protocol],
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                },
                cancel).ConfigureAwait(false);

            // The CA has seen what it wanted and closes.
            await tls.ReadAsync(new byte[1], cancel).ConfigureAwait(false);
        }
        catch (Exception broken) when (broken is IOException or AuthenticationException or OperationCanceledException)
        {
            // Whether it was seen is the CA's to say.
        }
    }
}
