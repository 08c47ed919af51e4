using System.Net.Security;
using System.Runtime.ExceptionServices;
using System.Security.Authentication;

namespace Edge.Connections.Tls;

/// <summary>
/// The server's end of one connection in OpenSSL (an SSL object). One may read and another write, on whatever threads, but OpenSSL takes
/// one call at a time: a call only computes, a piece of 32 KiB at most, and so a lock is held for microseconds.
/// </summary>
/// <param name="library">Makes it, and knows the certificates' contexts.</param>
/// <param name="select">Gives the options for the server name that the client asks for.</param>
internal sealed unsafe class TlsSession(TlsLibrary library, Func<string, SslServerAuthenticationOptions> select) : IDisposable
{
    // A client that has us answer without reading what we say, by changing keys again and again.
    private const int MostOwed = 64 * 1024;

    // What a record has beside its content is less than this, and a piece is not in more than three.
    private const int RecordOverhead = 3 * 64;

    [ThreadStatic]
    private static TlsSession? _current;

    private readonly Lock _gate = new();
    private readonly TlsOutput _output = new();
    private nint _ssl;
    private bool _isWriting;

    // Of a record that is longer than its reader's room the rest is in OpenSSL.
    private bool _hasMore;
    private bool _hasEnded;
    private AgreedTls? _agreed;
    private ExceptionDispatchInfo? _refused;
    private string? _broken;

    /// <summary>Whose call this thread is in; null outside of calls.</summary>
    public static TlsSession? Current => _current;

    /// <summary>What has come. The reader alone touches it, and OpenSSL in the reader's calls.</summary>
    public TlsInput Input { get; } = new();

    /// <summary>What was given for the server name; null before the ClientHello was read.</summary>
    public SslServerAuthenticationOptions? Options { get; private set; }

    public IReadOnlyList<SslApplicationProtocol>? Protocols => Options?.ApplicationProtocols;

    /// <summary>The server name in the ClientHello, "" when there is none.</summary>
    public string ServerName { get; private set; } = "";

    /// <summary>Goes on with the handshake.</summary>
    /// <exception cref="AuthenticationException">It failed; what is to be sent says why.</exception>
    public HandshakeStep ShakeHands()
    {
        lock (_gate)
        {
            if (_ssl == 0)
            {
                _ssl = library.Begin();
            }

            Enter();
            var result = LibSsl.DoHandshake(_ssl);
            var error = Leave(result);
            if (Options is not null && error != LibSsl.WantClientHello)
            {
                Input.Forget();
                Input.Release();
            }

            return result == 1 ? HandshakeStep.Done : error switch
            {
                LibSsl.WantRead => HandshakeStep.NeedsBytes,
                LibSsl.WantClientHello => HandshakeStep.Elsewhere,
                _ => throw Refused(),
            };
        }
    }

    /// <summary>What was agreed on. After the handshake.</summary>
    public AgreedTls Agreed()
    {
        lock (_gate)
        {
            if (_agreed is not null)
            {
                return _agreed;
            }

            byte* protocol;
            uint length;
            LibSsl.SelectedProtocol(Open(), &protocol, &length);
            return _agreed = new AgreedTls(LibSsl.Version(_ssl), LibSsl.CipherNumber(LibSsl.CurrentCipher(_ssl)), Protocol(new ReadOnlySpan<byte>(protocol, (int)length)), ServerName);
        }
    }

    /// <summary>Decrypts what has come. With no room it tells whether there may be something.</summary>
    /// <returns>Bytes; 0 at the end, or without room; -1 when more must come first.</returns>
    /// <exception cref="IOException">The client does not keep to the protocol.</exception>
    public int Read(Span<byte> into)
    {
        lock (_gate)
        {
            var ssl = Open();
            if (_hasEnded || into.IsEmpty || (Input.IsEmpty && !_hasMore))
            {
                return _hasEnded || !Input.IsEmpty || _hasMore ? 0 : -1;
            }

            Enter();
            var (total, result) = (0, 1);
            fixed (byte* bytes = into)
            {
                while (total < into.Length && (total == 0 || !Input.IsEmpty) && (result = LibSsl.Read(ssl, bytes + total, into.Length - total)) > 0)
                {
                    total += result;
                }
            }

            var error = Leave(result);
            _hasMore = total == into.Length;
            Input.Release();
            if (error is not (0 or LibSsl.WantRead or LibSsl.ZeroReturn) || _output.Count > MostOwed)
            {
                _broken = error == 0 ? "more is asked for than is read" : LibCrypto.LastError();
            }

            _hasEnded |= error == LibSsl.ZeroReturn;
            return total > 0 ? total : _broken is not null ? throw Broken() : _hasEnded ? 0 : -1;
        }
    }

    /// <summary>Encrypts a piece, behind what is to be sent already.</summary>
    /// <exception cref="IOException">The connection is broken.</exception>
    public ArraySegment<byte> Write(ReadOnlySpan<byte> from)
    {
        lock (_gate)
        {
            var ssl = Open();
            if (from.IsEmpty)
            {
                return _output.Take();
            }

            _output.Expect(from.Length + RecordOverhead);
            (_isWriting, _current) = (true, this);
            int result;
            fixed (byte* bytes = from)
            {
                result = LibSsl.Write(ssl, bytes, from.Length);
            }

            (_isWriting, _current) = (false, null);
            if (result != from.Length)
            {
                // Also where a client has stopped in the middle of a message that changes keys: none does that for a good reason.
                _broken = LibCrypto.LastError();
                throw Broken();
            }

            return _output.Take();
        }
    }

    /// <summary>What is to be sent, and after <paramref name="end"/> nothing more: it says so (close_notify, RFC 8446 section 6.1).</summary>
    public ArraySegment<byte> TakeOutput(bool end = false)
    {
        lock (_gate)
        {
            if (end && _ssl != 0 && _broken is null)
            {
                _isWriting = true;
                Enter();
                Leave(LibSsl.Shutdown(_ssl));
                LibCrypto.ClearErrors();
                _isWriting = false;
            }

            return _output.Take();
        }
    }

    /// <summary>Whether nothing can be read or written any more.</summary>
    public bool IsBroken
    {
        get
        {
            lock (_gate)
            {
                return _broken is not null;
            }
        }
    }

    /// <summary>Whether the client has stopped in the middle of a record.</summary>
    public bool IsTorn
    {
        get
        {
            lock (_gate)
            {
                return _ssl != 0 && LibSsl.HasPending(_ssl) == 1;
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            LibSsl.Free(_ssl);
            _ssl = 0;
            _broken ??= "it was closed on this side";
            _output.Clear();
            Input.Clear();
        }
    }

    /// <summary>The ClientHello is there. Called in <see cref="ShakeHands"/>.</summary>
    /// <returns>What OpenSSL wants of such a callback: 1 to go on, 0 to refuse, -1 to stop for now.</returns>
    public int Begin(string serverName)
    {
        try
        {
            ServerName = serverName;
            Options ??= select(serverName);
            if (library.Find(Options) is not { } context)
            {
                return -1;
            }

            context.GoOn(_ssl);
            return 1;
        }
        catch (Exception refused)
        {
            _refused = ExceptionDispatchInfo.Capture(refused);
            return 0;
        }
        finally
        {
            // What was asked of OpenSSL here by others is no error of this handshake.
            LibCrypto.ClearErrors();
        }
    }

    /// <summary>Bytes for OpenSSL. While somebody writes there are none: they are the reader's.</summary>
    public int Take(Span<byte> into) => _isWriting ? 0 : Input.Take(into);

    /// <summary>Bytes of OpenSSL.</summary>
    public void Put(ReadOnlySpan<byte> bytes) => _output.Put(bytes);

    // What an error would be told from that another connection's call has left on this thread.
    private void Enter()
    {
        if (LibCrypto.PeekError() != 0)
        {
            LibCrypto.ClearErrors();
        }

        _current = this;
    }

    // The error; 0 when there is none.
    private int Leave(int result)
    {
        _current = null;
        return result > 0 ? 0 : LibSsl.GetError(_ssl, result);
    }

    private nint Open() => _broken is null && _ssl != 0 ? _ssl : throw Broken();

    private IOException Broken() => new($"The TLS connection is over: {_broken}");

    private AuthenticationException Refused()
    {
        var reason = LibCrypto.LastError();
        _broken = reason;
        if (_refused is { SourceException: not AuthenticationException })
        {
            _refused.Throw();
        }

        return _refused?.SourceException as AuthenticationException ?? new AuthenticationException(reason);
    }

    private ReadOnlyMemory<byte> Protocol(ReadOnlySpan<byte> chosen)
    {
        for (var i = 0; i < Protocols?.Count; i++)
        {
            if (chosen.SequenceEqual(Protocols[i].Protocol.Span))
            {
                return Protocols[i].Protocol;
            }
        }

        return default;
    }
}
