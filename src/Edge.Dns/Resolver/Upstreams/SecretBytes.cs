using System.Security.Cryptography;

namespace Edge.Dns.Resolver.Upstreams;

/// <summary>Random bytes that nobody can foresee, drawn in blocks: one call to the system's generator serves many queries.</summary>
internal static class SecretBytes
{
    private const int Block = 1024;

    [ThreadStatic]
    private static byte[]? t_block;

    [ThreadStatic]
    private static int t_used;

    public static void Fill(Span<byte> bytes)
    {
        var block = t_block;
        if (block is null || t_used + bytes.Length > Block)
        {
            block = t_block ??= new byte[Block];
            RandomNumberGenerator.Fill(block);
            t_used = 0;
        }

        var drawn = block.AsSpan(t_used, bytes.Length);
        drawn.CopyTo(bytes);
        // What was used must not be found in memory later.
        drawn.Clear();
        t_used += bytes.Length;
    }

    public static int Next()
    {
        Span<byte> two = stackalloc byte[2];
        Fill(two);
        return two[0] << 8 | two[1];
    }
}
