using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Edge.Observability;

/// <summary>
/// What belongs to one host among many is in no cache when it is asked for. Fetched as soon as it is known, it comes while other work
/// is done, and several come at once.
/// </summary>
internal static class ColdMemory
{
    private const int Line = 64;

    /// <summary>Has the processor fetch the front of an object. Nothing waits for it, and nothing comes of it but time.</summary>
    /// <param name="what">The object; null for none.</param>
    /// <param name="bytes">How much of it is read soon.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Fetch(object? what, int bytes = Line) => Fetch((byte*)Unsafe.As<object?, nint>(ref what), bytes);

    /// <summary>The same of a place in an array. Nothing of the array is read for it.</summary>
    /// <param name="array">The array.</param>
    /// <param name="index">Which place.</param>
    /// <param name="size">Bytes of a place.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Fetch(Array? array, int index, int size)
    {
        // An array begins with its type and its length, each of the size of a reference.
        var start = (byte*)Unsafe.As<Array?, nint>(ref array);
        var place = start + (2 * sizeof(nint)) + ((long)index * size);
        Fetch(place, size);

        // Where a place begins within a line, it ends in the next one.
        Fetch(place + size - 1, 1);
    }

    // Moved meanwhile, it is another's memory that comes, which does no harm.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Fetch(byte* start, int bytes)
    {
        if (Sse.IsSupported)
        {
            for (var at = 0; at < bytes; at += Line)
            {
                Sse.Prefetch0(start + at);
            }
        }
    }
}
