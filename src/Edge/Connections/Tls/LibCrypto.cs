using System.Runtime.InteropServices;
using System.Text;

namespace Edge.Connections.Tls;

/// <summary>What is called of OpenSSL 3's libcrypto: BIOs, certificates, and the thread's queue of errors.</summary>
internal static unsafe partial class LibCrypto
{
    public const string Name = "libcrypto.so.3";

    // Flags of a BIO that has nothing to give for now (BIO_should_retry(3)).
    public const int RetryRead = 0x01 | 0x08;

    public const int Flush = 11;

    private const int SourceSink = 0x0400;

    /// <summary>A kind of BIO whose bytes come from and go to these functions; never freed.</summary>
    public static nint NewBioMethod(
        delegate* unmanaged[Cdecl]<nint, byte*, int, int> read,
        delegate* unmanaged[Cdecl]<nint, byte*, int, int> write,
        delegate* unmanaged[Cdecl]<nint, int, nint, nint, nint> control)
    {
        var method = BIO_meth_new(BIO_get_new_index() | SourceSink, "edge");
        if (method == 0 || BIO_meth_set_read(method, read) != 1 || BIO_meth_set_write(method, write) != 1 || BIO_meth_set_ctrl(method, control) != 1)
        {
            throw new IOException($"OpenSSL takes no BIO of ours: {LastError()}");
        }

        return method;
    }

    /// <summary>The first error in this thread's queue in words; the queue is empty then.</summary>
    public static string LastError()
    {
        var error = ERR_get_error();
        ClearErrors();
        if (error == 0)
        {
            return "no reason given";
        }

        const int most = 256;
        var text = stackalloc byte[most];
        ERR_error_string_n(error, text, most);
        return Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));
    }

    [LibraryImport(Name, EntryPoint = "ERR_clear_error")]
    public static partial void ClearErrors();

    /// <summary>The first error in this thread's queue; 0 for none.</summary>
    [LibraryImport(Name, EntryPoint = "ERR_peek_error")]
    public static partial nuint PeekError();

    [LibraryImport(Name, EntryPoint = "BIO_new")]
    public static partial nint NewBio(nint method);

    [LibraryImport(Name, EntryPoint = "BIO_set_init")]
    public static partial void SetInitialized(nint bio, int initialized);

    [LibraryImport(Name, EntryPoint = "BIO_set_flags")]
    public static partial void SetFlags(nint bio, int flags);

    [LibraryImport(Name, EntryPoint = "d2i_X509")]
    public static partial nint ReadCertificate(nint* into, byte** der, nint length);

    [LibraryImport(Name, EntryPoint = "X509_free")]
    public static partial void FreeCertificate(nint certificate);

    [LibraryImport(Name)]
    private static partial nuint ERR_get_error();

    [LibraryImport(Name)]
    private static partial void ERR_error_string_n(nuint error, byte* text, nuint length);

    [LibraryImport(Name)]
    private static partial int BIO_get_new_index();

    [LibraryImport(Name, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint BIO_meth_new(int type, string name);

    [LibraryImport(Name)]
    private static partial int BIO_meth_set_read(nint method, delegate* unmanaged[Cdecl]<nint, byte*, int, int> read);

    [LibraryImport(Name)]
    private static partial int BIO_meth_set_write(nint method, delegate* unmanaged[Cdecl]<nint, byte*, int, int> write);

    [LibraryImport(Name)]
    private static partial int BIO_meth_set_ctrl(nint method, delegate* unmanaged[Cdecl]<nint, int, nint, nint, nint> control);
}
