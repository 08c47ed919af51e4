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

    /// <summary>The same of a place in an array.</summary>
    /// <param name="what">The place.</param>
    /// <param name="bytes">How much of it is read soon.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Fetch<T>(in T what, int bytes)
        where T : struct
    {
        fixed (void* start = &Unsafe.As<T, byte>(ref Unsafe.AsRef(in what)))
        {
            Fetch((byte*)start, bytes);

            // Where it begins within a line, it ends in the next one.
            Fetch((byte*)start + bytes - 1, 1);
        }
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
