using System.Runtime.InteropServices;

namespace Edge.Connections.Tls;

/// <summary>What is called of OpenSSL 3's libssl. A pointer to an object of it is an <c>nint</c>; 0 is none.</summary>
internal static unsafe partial class LibSsl
{
    public const string Name = "libssl.so.3";

    // Options (SSL_CTX_set_options(3)).
    public const ulong NoCompression = 1UL << 17;
    public const ulong PrioritizeChaCha = 1UL << 21;
    public const ulong ServerPreference = 1UL << 22;
    public const ulong NoRenegotiation = 1UL << 30;

    // Commands of SSL_CTX_ctrl(3).
    public const int SetMode = 33;
    public const int SetSessionCacheMode = 44;
    public const int AddChainCertificate = 89;
    public const int SetGroups = 92;
    public const int SetLowestVersion = 123;

    /// <summary>Buffers only while something is in them: a connection at rest has none.</summary>
    public const int ReleaseBuffers = 0x10;

    public const int Tls12 = 0x0303;
    public const int Tls13 = 0x0304;

    // What SSL_get_error(3) says.
    public const int WantRead = 2;
    public const int ZeroReturn = 6;
    public const int WantClientHello = 11;

    [LibraryImport(Name, EntryPoint = "OPENSSL_init_ssl")]
    public static partial int Initialize(ulong options, nint settings);

    [LibraryImport(Name, EntryPoint = "TLS_server_method")]
    public static partial nint ServerMethod();

    [LibraryImport(Name, EntryPoint = "SSL_CTX_new")]
    public static partial nint NewContext(nint method);

    [LibraryImport(Name, EntryPoint = "SSL_CTX_free")]
    public static partial void FreeContext(nint context);

    [LibraryImport(Name, EntryPoint = "SSL_CTX_set_options")]
    public static partial ulong SetOptions(nint context, ulong options);

    [LibraryImport(Name, EntryPoint = "SSL_CTX_ctrl")]
    public static partial nint Control(nint context, int command, nint number, nint pointer);

    [LibraryImport(Name, EntryPoint = "SSL_CTX_set_cipher_list", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetCiphers(nint context, string ciphers);

    [LibraryImport(Name, EntryPoint = "SSL_CTX_set_ciphersuites", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetCipherSuites(nint context, string suites);

    [LibraryImport(Name, EntryPoint = "SSL_CTX_set_num_tickets")]
    public static partial int SetTickets(nint context, nuint count);

    [LibraryImport(Name, EntryPoint = "SSL_CTX_set_client_hello_cb")]
    public static partial void OnClientHello(nint context, delegate* unmanaged[Cdecl]<nint, int*, nint, int> callback, nint argument);

    [LibraryImport(Name, EntryPoint = "SSL_CTX_set_alpn_select_cb")]
    public static partial void OnProtocols(nint context, delegate* unmanaged[Cdecl]<nint, byte**, byte*, byte*, uint, nint, int> callback, nint argument);

    [LibraryImport(Name, EntryPoint = "SSL_CTX_use_certificate_ASN1")]
    public static partial int UseCertificate(nint context, int length, byte* certificate);

    [LibraryImport(Name, EntryPoint = "SSL_CTX_use_PrivateKey_ASN1")]
    public static partial int UseKey(int type, nint context, byte* key, nint length);

    [LibraryImport(Name, EntryPoint = "SSL_CTX_check_private_key")]
    public static partial int CheckKey(nint context);

    [LibraryImport(Name, EntryPoint = "SSL_new")]
    public static partial nint New(nint context);

    [LibraryImport(Name, EntryPoint = "SSL_free")]
    public static partial void Free(nint ssl);

    [LibraryImport(Name, EntryPoint = "SSL_set_accept_state")]
    public static partial void SetAcceptState(nint ssl);

    [LibraryImport(Name, EntryPoint = "SSL_set_bio")]
    public static partial void SetBio(nint ssl, nint read, nint write);

    [LibraryImport(Name, EntryPoint = "SSL_set_SSL_CTX")]
    public static partial nint SetContext(nint ssl, nint context);

    [LibraryImport(Name, EntryPoint = "SSL_set_session_id_context")]
    public static partial int SetSessionContext(nint ssl, byte* id, uint length);

    [LibraryImport(Name, EntryPoint = "SSL_client_hello_get0_ext")]
    public static partial int ClientHelloExtension(nint ssl, uint type, byte** value, nuint* length);

    [LibraryImport(Name, EntryPoint = "SSL_do_handshake")]
    public static partial int DoHandshake(nint ssl);

    [LibraryImport(Name, EntryPoint = "SSL_read")]
    public static partial int Read(nint ssl, byte* into, int length);

    [LibraryImport(Name, EntryPoint = "SSL_write")]
    public static partial int Write(nint ssl, byte* from, int length);

    [LibraryImport(Name, EntryPoint = "SSL_has_pending")]
    public static partial int HasPending(nint ssl);

    [LibraryImport(Name, EntryPoint = "SSL_get_error")]
    public static partial int GetError(nint ssl, int result);

    [LibraryImport(Name, EntryPoint = "SSL_shutdown")]
    public static partial int Shutdown(nint ssl);

    [LibraryImport(Name, EntryPoint = "SSL_version")]
    public static partial int Version(nint ssl);

    [LibraryImport(Name, EntryPoint = "SSL_get_current_cipher")]
    public static partial nint CurrentCipher(nint ssl);

    [LibraryImport(Name, EntryPoint = "SSL_CIPHER_get_protocol_id")]
    public static partial ushort CipherNumber(nint cipher);

    [LibraryImport(Name, EntryPoint = "SSL_get0_alpn_selected")]
    public static partial void SelectedProtocol(nint ssl, byte** protocol, uint* length);
}
