using System.Net;
using System.Net.Sockets;

namespace Edge.Dns.Resolver.Recursion;

/// <summary>
/// Whether IPv4 and IPv6 work at all from here. Many homes have an IPv6 address and no way out with it: then the
/// family is left alone for a while, as long as the other one works.
/// </summary>
internal sealed class FamilyHealth
{
    private const int FailuresInARow = 3;
    private const long ShortestRest = 30_000;
    private const int MostDoublings = 4;
    private readonly int[] _failures = new int[2];
    private readonly long[] _restsUntil = new long[2];
    private readonly long[] _lastReplyAt = [-1, -1];

    /// <summary>The moment of the last reply of any server; -1 before the first.</summary>
    public long LastReplyAt => Math.Max(Volatile.Read(ref _lastReplyAt[0]), Volatile.Read(ref _lastReplyAt[1]));

    public bool Rests(IPAddress address, long now) => now < Volatile.Read(ref _restsUntil[IndexOf(address)]);

    public void OnReply(IPAddress address, long now)
    {
        var family = IndexOf(address);
        Volatile.Write(ref _failures[family], 0);
        Volatile.Write(ref _restsUntil[family], 0);
        Volatile.Write(ref _lastReplyAt[family], now);
    }

    public void OnFailure(IPAddress address, long now)
    {
        var family = IndexOf(address);
        var beyond = Interlocked.Increment(ref _failures[family]) - FailuresInARow;
        if (beyond >= 0 && Volatile.Read(ref _failures[1 - family]) == 0)
        {
            // After a rest one failure is enough for the next, longer one.
            Volatile.Write(ref _restsUntil[family], now + (ShortestRest << Math.Min(beyond, MostDoublings)));
        }
    }

    private static int IndexOf(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? 1 : 0;
}
