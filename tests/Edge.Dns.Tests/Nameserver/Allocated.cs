namespace Edge.Dns.Tests.Nameserver;

/// <summary>
/// Counts bytes that a thread allocates. A collection that another test brings about takes what is left of the thread's
/// buffer and has it counted, so the smallest of some counts is the one that holds: what is allocated each time is in all.
/// </summary>
internal static class Allocated
{
    private const int Attempts = 10;

    /// <summary>The bytes that this work allocates on this thread each time.</summary>
    public static long By(Action work)
    {
        var least = long.MaxValue;
        for (var attempt = 0; attempt < Attempts && least > 0; attempt++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
