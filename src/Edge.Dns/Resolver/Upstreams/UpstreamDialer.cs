using System.Collections.Immutable;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Edge.Dns.Resolver.Upstreams;

/// <summary>Opens connections to one upstream: finds its addresses, takes the first that answers, and proves who it is.</summary>
internal sealed class UpstreamDialer(UpstreamServer server, Bootstrap? bootstrap, UpstreamTrust trust, TimeProvider time)
{
    private static readonly SslApplicationProtocol Dot = new("dot");

    // RFC 8305 §5: the next address is tried when the one before has not answered for a quarter of a second.
    private static readonly TimeSpan ConnectionAttemptDelay = TimeSpan.FromMilliseconds(250);

    private SslClientAuthenticationOptions? _tls;

    /// <summary>The reason of the last refusal, for those who are only told that there was one.</summary>
    public string? LastDoubt { get; private set; }

    /// <summary>A connection, encrypted where the upstream is asked over TLS.</summary>
    /// <exception cref="IOException">There is none; the message says why.</exception>
    public async Task<Stream> OpenAsync(CancellationToken cancel)
    {
        var stream = await ConnectAsync(cancel).ConfigureAwait(false);
        return server.Protocol == UpstreamProtocol.Tls ? await EncryptAsync(stream, cancel).ConfigureAwait(false) : stream;
    }

    /// <summary>A connection as TCP gives it.</summary>
    /// <exception cref="IOException">There is none; the message says why.</exception>
    public async Task<Stream> ConnectAsync(CancellationToken cancel)
    {
        var addresses = server.NeedsBootstrap && bootstrap is not null ? await bootstrap.FindAsync(server.Name!, cancel).ConfigureAwait(false) : server.Addresses;
        using var race = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var running = new List<Task<Socket>>();
        Exception? trouble = null;
        for (var next = 0; next < addresses.Length || running.Count > 0;)
        {
            if (next < addresses.Length)
            {
                running.Add(ConnectAsync(addresses[next++], race.Token));
            }

            var any = Task.WhenAny(running);
            if (next < addresses.Length)
            {
                await Task.WhenAny(any, Task.Delay(ConnectionAttemptDelay, time, race.Token)).ConfigureAwait(false);
                if (!any.IsCompleted)
                {
                    continue;
                }
            }

            var first = await any.ConfigureAwait(false);
            running.Remove(first);
            if (first.IsCompletedSuccessfully)
            {
                await race.CancelAsync().ConfigureAwait(false);
                running.ForEach(static late => late.ContinueWith(static task => task.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default));
                return new NetworkStream(first.Result, ownsSocket: true);
            }

            trouble = first.Exception?.GetBaseException();
        }

        cancel.ThrowIfCancellationRequested();
        throw new IOException(trouble?.Message ?? $"no address of {server.Name} is known", trouble);
    }

    /// <summary>How TLS is spoken with it, for whoever does that.</summary>
    /// <param name="protocols">What is offered by ALPN.</param>
    public SslClientAuthenticationOptions TlsOptions(params ImmutableArray<SslApplicationProtocol> protocols) => new()
    {
        TargetHost = server.Name!,
        ApplicationProtocols = [.. protocols],
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = (_, certificate, chain, errors) => (LastDoubt = trust.Doubt(certificate, server.Name!, chain, errors)) is null,
    };

    private async Task<Socket> ConnectAsync(IPAddress address, CancellationToken cancel)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address, server.Port), cancel).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // The same options each time, so that the platform finds the session it can resume.
    private async Task<Stream> EncryptAsync(Stream stream, CancellationToken cancel)
    {
        var encrypted = new SslStream(stream);
        try
        {
            await encrypted.AuthenticateAsClientAsync(_tls ??= TlsOptions(Dot), cancel).ConfigureAwait(false);
            return encrypted;
        }
        catch (AuthenticationException error)
        {
            await encrypted.DisposeAsync().ConfigureAwait(false);
            throw new IOException(LastDoubt ?? $"TLS fails: {error.GetBaseException().Message}", error);
        }
        catch
        {
            await encrypted.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
