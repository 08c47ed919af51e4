using System.Text;
using Edge.Dns.Files;

namespace Edge.Outward;

/// <summary>A file with a password, a token or a key. It is read anew each time: one that was mended is tried at once.</summary>
internal static class OutwardSecret
{
    private const int MostBytes = 4096;

    /// <summary>The secret, without white space around it; empty where the file is.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static string Read(string file) => Encoding.UTF8.GetString(OrdinaryFile.ReadBytes(file, MostBytes)).Trim();

    /// <summary>The bytes of a key for updates of DNS; null when it is not base64 or empty.</summary>
    public static byte[]? Key(string secret)
    {
        var bytes = new byte[secret.Length];
        return Convert.TryFromBase64String(secret, bytes, out var length) && length > 0 ? bytes[..length] : null;
    }
}
