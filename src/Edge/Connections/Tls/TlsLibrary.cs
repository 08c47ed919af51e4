using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using System.Security.Cryptography;

namespace Edge.Connections.Tls;

/// <summary>
/// OpenSSL as this process found it, and what is made of it once: the context that connections begin with, and one for each
/// certificate, for as long as somebody serves it.
/// </summary>
internal sealed unsafe partial class TlsLibrary
{
    // The keys of tickets are in the context that connections begin with. Who finds them reads no traffic of TLS 1.3, but could pass for us.
    private static readonly TimeSpan TicketKeysLast = TimeSpan.FromHours(12);

    private static readonly Lazy<(nint Method, string? Missing)> Loaded = new(Load);

    private readonly ConditionalWeakTable<SslStreamCertificateContext, CertificateSlot> _certificates = [];
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private Beginning _beginning;

    private TlsLibrary(TimeProvider time, ILogger logger)
    {
        (_time, _logger) = (time, logger);
        _beginning = new Beginning(TlsContext.ForBeginning(), time.GetTimestamp());
    }

    /// <summary>Finds the system's OpenSSL 3.</summary>
    /// <returns>Null when there is none, which the log tells.</returns>
    public static TlsLibrary? Find(ILogger logger, TimeProvider? time = null)
    {
        var missing = Loaded.Value.Missing;
        try
        {
            if (missing is null)
            {
                return new TlsLibrary(time ?? TimeProvider.System, logger);
            }
        }
        catch (Exception refused) when (refused is CryptographicException or EntryPointNotFoundException)
        {
            missing = refused.Message;
        }

        Log.Missing(logger, missing);
        return null;
    }

    /// <summary>A connection that begins; the caller frees it.</summary>
    /// <exception cref="AuthenticationException">OpenSSL has no memory for it.</exception>
    public nint Begin()
    {
        try
        {
            var ssl = Current().Begin();
            var bio = LibCrypto.NewBio(Loaded.Value.Method);
            if (bio == 0)
            {
                LibSsl.Free(ssl);
                throw new CryptographicException(LibCrypto.LastError());
            }

            LibCrypto.SetInitialized(bio, 1);
            LibSsl.SetBio(ssl, bio, bio);
            LibSsl.SetAcceptState(ssl);
            return ssl;
        }
        catch (CryptographicException refused)
        {
            throw new AuthenticationException(refused.Message, refused);
        }
    }

    /// <summary>The context for a handshake with these options; null for one that is the framework's.</summary>
    public TlsContext? Find(SslServerAuthenticationOptions options)
    {
        const SslProtocols both = SslProtocols.Tls12 | SslProtocols.Tls13;
        return options is { ClientCertificateRequired: false, AllowTlsResume: true, CipherSuitesPolicy: null, ServerCertificateContext: { } certificate, EnabledSslProtocols: SslProtocols.None or both }
            ? _certificates.GetValue(certificate, Make).Context
            : null;
    }

    private static (nint Method, string? Missing) Load()
    {
        try
        {
            // As the framework does: no clean-up at the end of the process, while other threads still use it.
            const ulong noAtExit = 0x00080000;
            if (LibSsl.Initialize(noAtExit, 0) != 1)
            {
                return (0, "it does not start");
            }

            foreach (var (library, type) in ((string, Type)[])[(LibSsl.Name, typeof(LibSsl)), (LibCrypto.Name, typeof(LibCrypto))])
            {
                _ = NativeLibrary.Load(library, type.Assembly, null);
            }

            return (LibCrypto.NewBioMethod(&TlsCallbacks.Read, &TlsCallbacks.Write, &TlsCallbacks.Control), null);
        }
        catch (Exception missing) when (missing is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException or IOException)
        {
            return (0, missing.Message);
        }
    }

    private TlsContext Current()
    {
        var beginning = Volatile.Read(ref _beginning);
        if (_time.GetElapsedTime(beginning.Since) < TicketKeysLast)
        {
            return beginning.Context;
        }

        // Of several that come at once one is the next; connections that began with the last one keep it.
        var next = new Beginning(TlsContext.ForBeginning(), _time.GetTimestamp());
        return Interlocked.CompareExchange(ref _beginning, next, beginning) == beginning ? next.Context : Volatile.Read(ref _beginning).Context;
    }

    private CertificateSlot Make(SslStreamCertificateContext certificate)
    {
        try
        {
            return new CertificateSlot(TlsContext.Of(certificate));
        }
        catch (Exception refused) when (refused is CryptographicException or NotSupportedException or ObjectDisposedException)
        {
            Log.NotTaken(_logger, certificate.TargetCertificate.Subject, refused.Message);
            return new CertificateSlot(null);
        }
    }

    private sealed record Beginning(TlsContext Context, long Since);

    private sealed record CertificateSlot(TlsContext? Context);

    private static partial class Log
    {
        [LoggerMessage(5911, LogLevel.Warning, "OpenSSL 3 (libssl.so.3) cannot be used directly: {Reason}. The framework's TLS serves, which costs more for each connection; gateway.tls: framework says so without this line")]
        public static partial void Missing(ILogger logger, string reason);

        [LoggerMessage(5912, LogLevel.Warning, "OpenSSL does not take the certificate {Subject} directly: {Reason}. Its connections are served by the framework's TLS")]
        public static partial void NotTaken(ILogger logger, string subject, string reason);
    }
}
