using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace Edge.Dns.Queries;

/// <summary>Who asked for what most in some minutes.</summary>
internal sealed class TopSlice
{
    private const int MostClients = 256;
    private const int MostNames = 512;

    public TopCounts Clients { get; } = new(MostClients);

    public TopCounts Names { get; } = new(MostNames);

    public TopCounts BlockedNames { get; } = new(MostNames);

    /// <summary>The most frequent ones of several pieces of time.</summary>
    public static ImmutableArray<NamedCount> Merge(IEnumerable<TopCounts> pieces, int top)
    {
        var sums = new Dictionary<string, long>();
        foreach (var entry in pieces.SelectMany(piece => piece.All))
        {
            sums[entry.Name!] = sums.GetValueOrDefault(entry.Name!) + entry.Count;
        }

        return [.. sums.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).Take(top).Select(pair => new NamedCount(pair.Key, pair.Value))];
    }

    public void Add(ref QuerySlot slot)
    {
        Clients.Add(slot.Client).Name ??= ClientText.Format(slot.Client, (slot.Flags & QuerySlot.ClientIsNetwork) != 0);
        if (slot.NameLength == 0)
        {
            return;
        }

        Span<byte> lower = stackalloc byte[QuerySlot.LongestName];
        var name = QueryAnswer.Name(ref slot);
        // It ends where a byte is none of ASCII; those have no other case.
        Ascii.ToLower(name, lower, out var done);
        name[done..].CopyTo(lower[done..]);
        var key = Hash(lower[..name.Length]);
        var entry = Names.Add(key);
        entry.Name ??= QueryWords.Name(ref slot).ToLowerInvariant();
        if (slot.By == AnsweredBy.Blocked)
        {
            BlockedNames.Add(key).Name ??= entry.Name;
        }
    }

    // Two names that meet would be counted as one: who works for that gains nothing by it.
    private static ulong Hash(ReadOnlySpan<byte> name)
    {
        const ulong First = 0x9E3779B97F4A7C15, Second = 0xD6E8FEB86659FD93;
        var hash = (ulong)name.Length * First;
        for (; name.Length >= sizeof(ulong); name = name[sizeof(ulong)..])
        {
            hash = (hash ^ BinaryPrimitives.ReadUInt64LittleEndian(name)) * Second;
            hash ^= hash >> 32;
        }

        foreach (var b in name)
        {
            hash = (hash ^ b) * Second;
            hash ^= hash >> 32;
        }

        return hash;
    }
}
