using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Edge.Connections.Tls;

/// <summary>
/// What OpenSSL calls. It does so only while this thread is in a call of ours, so that the thread knows whose call it is
/// (<see cref="TlsSession.Current"/>), and OpenSSL holds no reference to anything of ours. No exception leaves these.
/// </summary>
internal static unsafe class TlsCallbacks
{
    private const int UnrecognizedName = 112;
    private const int InternalError = 80;
    private const int Accepted = 0;
    private const int RefusedFatally = 2;
    private const int NotNegotiated = 3;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static int ReadClientHello(nint ssl, int* alert, nint argument)
    {
        if (TlsSession.Current is not { } session)
        {
            *alert = InternalError;
            return 0;
        }

        const int serverName = 0;
        byte* value;
        nuint length;
        var given = LibSsl.ClientHelloExtension(ssl, serverName, &value, &length) == 1 ? new ReadOnlySpan<byte>(value, (int)length) : default;
        *alert = UnrecognizedName;
        return session.Begin(ServerNameExtension.Read(given));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static int ChooseProtocol(nint ssl, byte** chosen, byte* chosenLength, byte* offered, uint offeredLength, nint argument)
    {
        if (TlsSession.Current?.Protocols is not { Count: > 0 } ours)
        {
            return NotNegotiated;
        }

        // Ours decide (RFC 7301 section 3.2), and nothing in common ends the handshake.
        for (var i = 0; i < ours.Count; i++)
        {
            var wanted = ours[i].Protocol.Span;
            for (uint at = 0; at < offeredLength && at + 1 + offered[at] <= offeredLength; at += 1u + offered[at])
            {
                if (wanted.SequenceEqual(new ReadOnlySpan<byte>(offered + at + 1, offered[at])))
                {
                    *chosen = offered + at + 1;
                    *chosenLength = offered[at];
                    return Accepted;
                }
            }
        }

        return RefusedFatally;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static int Read(nint bio, byte* into, int length)
    {
        var count = TlsSession.Current?.Take(new Span<byte>(into, Math.Max(length, 0))) ?? 0;
        if (count > 0)
        {
            return count;
        }

        LibCrypto.SetFlags(bio, LibCrypto.RetryRead);
        return -1;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static int Write(nint bio, byte* from, int length)
    {
        TlsSession.Current?.Put(new ReadOnlySpan<byte>(from, Math.Max(length, 0)));
        return length;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static nint Control(nint bio, int command, nint number, nint pointer) => command == LibCrypto.Flush ? 1 : 0;
}
