using System.Net;

namespace Edge.Tests.Whole;

/// <summary>A body of any length that nobody has to keep: each byte follows from its place.</summary>
internal sealed class ByteStream(long length, Func<Task>? pause = null) : HttpContent
{
    // Not a power of two: a piece that is lost or comes twice is seen.
    private const int Period = 65_521;

    private static readonly byte[] Pattern = [.. Enumerable.Range(0, (2 * Period) + (256 << 10)).Select(place => (byte)((place % Period) * 31 >> 3))];

    /// <summary>Up to 256 KiB of what stands at a place.</summary>
    public static ReadOnlyMemory<byte> At(long place, int count) => Pattern.AsMemory((int)(place % Period), Math.Min(count, 256 << 10));

    public static bool Matches(ReadOnlySpan<byte> bytes, long place)
    {
        for (var i = 0; i < bytes.Length;)
        {
            var expected = At(place + i, bytes.Length - i).Span;
            if (!bytes.Slice(i, expected.Length).SequenceEqual(expected))
            {
                return false;
            }

            i += expected.Length;
        }

        return true;
    }

    /// <summary>Writes a part of it in pieces.</summary>
    public static async Task WriteAsync(Stream to, long count, int piece, Func<Task>? pause, CancellationToken cancel)
    {
        for (long place = 0; place < count;)
        {
            var bytes = At(place, (int)Math.Min(piece, count - place));
            await to.WriteAsync(bytes, cancel);
            place += bytes.Length;
            if (pause is not null)
            {
                await to.FlushAsync(cancel);
                await pause();
            }
        }
    }

    /// <summary>Reads to the end; says how much it was and whether it was right.</summary>
    public static async Task<string> JudgeAsync(Stream from, CancellationToken cancel)
    {
        var buffer = new byte[256 << 10];
        long length = 0;
        for (int count; (count = await from.ReadAsync(buffer, cancel)) > 0; length += count)
        {
            if (!Matches(buffer.AsSpan(0, count), length))
            {
                return $"wrong at byte {length} or soon after it";
            }
        }

        return $"{length} bytes, all right";
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => WriteAsync(stream, length, pause is null ? 256 << 10 : 16 << 10, pause, CancellationToken.None);

    // In pieces of unknown number, as from a program that makes it on the way.
    protected override bool TryComputeLength(out long computed)
    {
        computed = 0;
        return false;
    }
}
