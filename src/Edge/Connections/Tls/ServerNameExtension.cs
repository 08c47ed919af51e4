using System.Buffers.Binary;
using System.Text;

namespace Edge.Connections.Tls;

/// <summary>The extension server_name of a ClientHello (RFC 6066 section 3).</summary>
internal static class ServerNameExtension
{
    private const int HostName = 0;
    private const int Longest = 255;

    /// <summary>The name as it was sent, an international one in its ASCII form.</summary>
    /// <param name="extension">The body of the extension; empty when there is none.</param>
    /// <returns>"" when there is no name, or none that a host could have.</returns>
    public static string Read(ReadOnlySpan<byte> extension)
    {
        if (extension.Length < 5 || extension[2] != HostName || BinaryPrimitives.ReadUInt16BigEndian(extension) > extension.Length - 2)
        {
            return "";
        }

        var length = BinaryPrimitives.ReadUInt16BigEndian(extension[3..]);
        return length <= Longest && length <= extension.Length - 5 && Ascii.IsValid(extension.Slice(5, length)) ? Encoding.ASCII.GetString(extension.Slice(5, length)) : "";
    }
}
