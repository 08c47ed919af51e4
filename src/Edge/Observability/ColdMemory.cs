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
    public static unsafe void Fetch(object? what, int bytes = Line)
    {
        if (Sse.IsSupported)
        {
            // Moved meanwhile, it is another's memory that comes, which does no harm.
            var start = (byte*)Unsafe.As<object?, nint>(ref what);
            for (var at = 0; at < bytes; at += Line)
            {
                Sse.Prefetch0(start + at);
            }
        }
    }
}
