using System.Security.Cryptography;
using Edge.Services;

namespace Edge.Access;

/// <summary>
/// How much each client has asked of each service lately, in a table that never grows: a client that is not in it has
/// asked for nothing, and the one that has asked least makes room. Each place holds the time until which the
/// requests so far have used up the rate (the generic cell rate algorithm).
/// </summary>
internal sealed class RateTable(TimeProvider time)
{
    private const int Sets = 1 << 14;
    private const int Ways = 4;
    private const int Locks = 64;

    // Nobody else can tell which clients share a place.
    private readonly ulong _seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));
    private readonly Lock[] _locks = [.. Enumerable.Range(0, Locks).Select(_ => new Lock())];
    private readonly Lazy<Place[]> _places = new(() => new Place[Sets * Ways]);

    /// <summary>Counts one request.</summary>
    /// <param name="service">Of which service.</param>
    /// <param name="client">By whom.</param>
    /// <param name="rule">What it may.</param>
    /// <param name="wait">When it is too much: how long until one is not.</param>
    public bool Allows(string service, ClientKey client, RateRule rule, out TimeSpan wait)
    {
        var key = Mix(client.High ^ Mix(client.Low ^ _seed ^ (ulong)string.GetHashCode(service, StringComparison.Ordinal)));
        var set = (int)(key % Sets);
        var now = time.GetTimestamp();
        var ticks = (long)(rule.Interval.TotalSeconds * time.TimestampFrequency);
        lock (_locks[set % Locks])
        {
            ref var place = ref Find(_places.Value.AsSpan(set * Ways, Ways), key);
            var until = Math.Max(place.Key == key ? place.Until : 0, now) + ticks;
            var excess = until - now - (ticks * rule.Burst);
            if (excess > 0)
            {
                wait = TimeSpan.FromSeconds((double)excess / time.TimestampFrequency);
                return false;
            }

            place = new Place { Key = key, Until = until };
            wait = default;
            return true;
        }
    }

    private static ref Place Find(Span<Place> set, ulong key)
    {
        var least = 0;
        for (var i = 0; i < set.Length; i++)
        {
            if (set[i].Key == key)
            {
                return ref set[i];
            }

            if (set[i].Until < set[least].Until)
            {
                least = i;
            }
        }

        return ref set[least];
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }

    private struct Place
    {
        public ulong Key;
        public long Until;
    }
}
