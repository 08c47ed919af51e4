using System.Net.Security;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Edge.Connections.Tls;

/// <summary>
/// An SSL_CTX: what handshakes have in common. Every connection that uses it keeps it alive (SSL_new(3)), also when its certificate
/// is not served any more.
/// </summary>
internal sealed unsafe class TlsContext : SafeHandle
{
    // What the framework offers where nobody configures it: for TLS 1.2 forward secrecy only.
    private const string Ciphers =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:" +
        "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:" +
        "ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA384:ECDHE-RSA-AES256-SHA384";

    // The one that must be there (RFC 8446 section 9.1) comes first: SHA-256 costs a handshake less than SHA-384.
    private const string CipherSuites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

    // Curves alone: a key of ffdhe8192 costs us milliseconds, and who asks for it nothing. The names that OpenSSL does not know yet come off.
    private static readonly string[] Groups = ["X25519MLKEM768:X25519:P-256:P-384:P-521", "X25519:P-256:P-384:P-521"];

    private const int RsaKey = 6;
    private const int EcKey = 408;

    private readonly byte[] _id = [];

    private TlsContext(byte[] id)
        : base(0, ownsHandle: true)
    {
        _id = id;
        SetHandle(LibSsl.NewContext(LibSsl.ServerMethod()));
        if (IsInvalid)
        {
            throw new CryptographicException(LibCrypto.LastError());
        }

        _ = LibSsl.SetOptions(handle, LibSsl.NoCompression | LibSsl.NoRenegotiation | LibSsl.ServerPreference | LibSsl.PrioritizeChaCha);
        LibSsl.Control(handle, LibSsl.SetMode, LibSsl.ReleaseBuffers, 0);

        // Sessions are in tickets, which clients keep: here nothing is.
        LibSsl.Control(handle, LibSsl.SetSessionCacheMode, 0, 0);
        Check(LibSsl.Control(handle, LibSsl.SetLowestVersion, LibSsl.Tls12, 0));
        Check(LibSsl.SetCiphers(handle, Ciphers));
        Check(LibSsl.SetCipherSuites(handle, CipherSuites));
        LibSsl.OnProtocols(handle, &TlsCallbacks.ChooseProtocol, 0);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>
    /// The one that connections begin with. It knows no certificate, but the keys of all tickets, so that a client's session is
    /// resumed on whichever listener it comes back.
    /// </summary>
    /// <exception cref="CryptographicException">OpenSSL refuses it.</exception>
    public static TlsContext ForBeginning()
    {
        var context = new TlsContext([]);
        LibSsl.OnClientHello(context.handle, &TlsCallbacks.ReadClientHello, 0);
        context.OfferGroups();

        // One for each connection: with each resumption comes the next.
        Check(LibSsl.SetTickets(context.handle, 1));
        return context;
    }

    /// <summary>The one for a certificate, with its key and its chain.</summary>
    /// <exception cref="CryptographicException">OpenSSL refuses it, or the key cannot be had.</exception>
    public static TlsContext Of(SslStreamCertificateContext certificate)
    {
        var leaf = certificate.TargetCertificate;
        var context = new TlsContext(leaf.GetCertHash(HashAlgorithmName.SHA256));
        try
        {
            context.Show(leaf, certificate.IntermediateCertificates);
            return context;
        }
        catch
        {
            context.Dispose();
            throw;
        }
    }

    /// <summary>A connection that begins. The caller frees it.</summary>
    /// <exception cref="CryptographicException">OpenSSL has no memory for it.</exception>
    public nint Begin()
    {
        var ssl = LibSsl.New(handle);
        GC.KeepAlive(this);
        return ssl != 0 ? ssl : throw new CryptographicException(LibCrypto.LastError());
    }

    /// <summary>
    /// Lets a connection go on with this certificate. Sessions belong to it: one that began with another certificate is not
    /// resumed (RFC 8446 section 4.6.1 allows less than the same name).
    /// </summary>
    public void GoOn(nint ssl)
    {
        fixed (byte* id = _id)
        {
            if (LibSsl.SetContext(ssl, handle) == 0 || LibSsl.SetSessionContext(ssl, id, (uint)_id.Length) != 1)
            {
                throw new CryptographicException(LibCrypto.LastError());
            }
        }

        GC.KeepAlive(this);
    }

    protected override bool ReleaseHandle()
    {
        LibSsl.FreeContext(handle);
        return true;
    }

    // Connections take them over from the context with which they begin.
    private void OfferGroups()
    {
        foreach (var groups in Groups)
        {
            fixed (byte* text = Encoding.ASCII.GetBytes(groups + '\0'))
            {
                if (LibSsl.Control(handle, LibSsl.SetGroups, 0, (nint)text) == 1)
                {
                    LibCrypto.ClearErrors();
                    return;
                }
            }
        }

        throw new CryptographicException(LibCrypto.LastError());
    }

    private static void Check(nint result)
    {
        if (result != 1)
        {
            throw new CryptographicException(LibCrypto.LastError());
        }
    }

    private void Show(X509Certificate2 leaf, IEnumerable<X509Certificate2> chain)
    {
        fixed (byte* bytes = leaf.RawDataMemory.Span)
        {
            Check(LibSsl.UseCertificate(handle, leaf.RawDataMemory.Length, bytes));
        }

        foreach (var certificate in chain)
        {
            fixed (byte* bytes = certificate.RawDataMemory.Span)
            {
                var rest = bytes;
                var read = LibCrypto.ReadCertificate(null, &rest, certificate.RawDataMemory.Length);
                var added = read != 0 && LibSsl.Control(handle, LibSsl.AddChainCertificate, 1, read) == 1;
                LibCrypto.FreeCertificate(read);
                Check(added ? 1 : 0);
            }
        }

        using AsymmetricAlgorithm key = leaf.GetECDsaPrivateKey() ?? (AsymmetricAlgorithm?)leaf.GetRSAPrivateKey() ?? throw new CryptographicException("its key is neither EC nor RSA");
        var secret = key.ExportPkcs8PrivateKey();
        fixed (byte* bytes = secret)
        {
            var used = LibSsl.UseKey(key is RSA ? RsaKey : EcKey, handle, bytes, secret.Length);
            CryptographicOperations.ZeroMemory(secret);
            Check(used);
        }

        Check(LibSsl.CheckKey(handle));
    }
}
