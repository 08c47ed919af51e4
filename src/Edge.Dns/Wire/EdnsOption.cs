using System.Buffers.Binary;
using System.Text;

namespace Edge.Dns.Wire;

/// <summary>One option of an OPT record (RFC 6891 §6.1.2).</summary>
/// <param name="Code">OPTION-CODE.</param>
/// <param name="Data">OPTION-DATA, 0 to 65535 bytes.</param>
public readonly record struct EdnsOption(ushort Code, ReadOnlyMemory<byte> Data)
{
    /// <summary>OPTION-CODE of a server's identifier (RFC 5001 §2.3).</summary>
    public const ushort NsidOption = 3;

    /// <summary>OPTION-CODE of the network a resolver asks for (RFC 7871 §6).</summary>
    public const ushort ClientSubnetOption = 8;

    /// <summary>OPTION-CODE of a cookie (RFC 7873 §4).</summary>
    public const ushort CookieOption = 10;

    /// <summary>OPTION-CODE of the time a connection may rest (RFC 7828 §3.1).</summary>
    public const ushort KeepaliveOption = 11;

    /// <summary>OPTION-CODE of padding (RFC 7830 §3).</summary>
    public const ushort PaddingOption = 12;

    /// <summary>OPTION-CODE of an extended DNS error (RFC 8914 §2).</summary>
    public const ushort ExtendedErrorOption = 15;

    /// <summary>An extended DNS error: a code and words for people, which may be empty (RFC 8914 §2).</summary>
    public static EdnsOption ExtendedError(ExtendedErrorCode code, string text = "")
    {
        var data = new byte[2 + Encoding.UTF8.GetByteCount(text)];
        BinaryPrimitives.WriteUInt16BigEndian(data, (ushort)code);
        Encoding.UTF8.GetBytes(text, data.AsSpan(2));
        return new EdnsOption(ExtendedErrorOption, data);
    }
}
