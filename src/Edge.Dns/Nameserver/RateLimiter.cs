using System.Runtime.CompilerServices;

namespace Edge.Dns.Nameserver;

/// <summary>
/// Response rate limiting: counts the answers of each second by the client's /24 or /56 and by kind, in a table of fixed
/// size, without a lock. Two threads that count at once may lose a count, and two networks that share a place may push
/// each other out: both let an answer more through.
/// </summary>
public sealed class RateLimiter
{
    // 65,536 places in pairs, eight bytes each: half a megabyte.
    private const int Places = 1 << 16;
    private const int Bits4 = 24;
    private const int Bits6 = 56;

    private readonly RateLimitOptions _options;
    private readonly ulong[] _table = new ulong[Places];
    private readonly ulong _seed = (ulong)Random.Shared.NextInt64();
    private ulong _lastLimited;
    private long _slipped;
    private long _dropped;

    /// <summary>Starts with nothing counted.</summary>
    public RateLimiter(RateLimitOptions options)
    {
        _options = options;
        Exempt = new AddressNetworks(options.Exempt);
    }

    /// <summary>Answers sent truncated so far.</summary>
    public long Slipped => Volatile.Read(ref _slipped);

    /// <summary>Answers not sent so far.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>The network that was limited last, such as "203.0.113.0/24"; "" when none was.</summary>
    public string LastLimited => Volatile.Read(ref _lastLimited) is var network and not 0 ? ClientAddress.PrefixText(network, Bits4, Bits6) : "";

    /// <summary>Networks without a limit.</summary>
    internal AddressNetworks Exempt { get; }

    /// <summary>Counts an answer and says what becomes of it. Allocates nothing.</summary>
    /// <param name="client">Who is said to have asked.</param>
    /// <param name="kind">The kind of answer.</param>
    /// <param name="now">Seconds of any clock.</param>
    internal RateVerdict Count(ClientAddress client, ResponseClass kind, long now)
    {
        var limit = kind == ResponseClass.Answer ? _options.Answers : _options.Others;
        if (limit == 0)
        {
            return RateVerdict.Send;
        }

        var second = (ushort)now;
        var network = client.Prefix(Bits4, Bits6);
        var hash = Mix(network ^ ((ulong)kind << 61) ^ _seed);
        ref var place = ref Find(hash, second);
        var entry = place;
        var count = IsOf(entry, hash) && SecondOf(entry) == second ? CountOf(entry) : 0;
        count = Math.Min(count + 1, ushort.MaxValue - 1);
        place = (hash & 0xFFFF_FFFF_0000_0000) | ((ulong)second << 16) | (uint)count;
        if (count <= limit)
        {
            return RateVerdict.Send;
        }

        Volatile.Write(ref _lastLimited, network);
        if (_options.Slip > 0 && (count - limit) % _options.Slip == 0)
        {
            Interlocked.Increment(ref _slipped);
            return RateVerdict.Slip;
        }

        Interlocked.Increment(ref _dropped);
        return RateVerdict.Drop;
    }

    // Its own place, or the one of the pair that is worth less: of an earlier second, or with fewer answers.
    private ref ulong Find(ulong hash, ushort second)
    {
        ref var first = ref _table[(int)(hash & (Places - 2))];
        ref var other = ref Unsafe.Add(ref first, 1);
        if (IsOf(first, hash))
        {
            return ref first;
        }

        if (IsOf(other, hash))
        {
            return ref other;
        }

        return ref Worth(first, second) <= Worth(other, second) ? ref first : ref other;
    }

    private static int Worth(ulong entry, ushort second) => SecondOf(entry) == second ? CountOf(entry) : 0;

    private static bool IsOf(ulong entry, ulong hash) => (entry ^ hash) >> 32 == 0;

    private static ushort SecondOf(ulong entry) => (ushort)(entry >> 16);

    private static int CountOf(ulong entry) => (ushort)entry;

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 32)) * 0x9E37_79B9_7F4A_7C15;
        value = (value ^ (value >> 29)) * 0xBF58_476D_1CE4_E5B9;
        return value ^ (value >> 32);
    }
}
