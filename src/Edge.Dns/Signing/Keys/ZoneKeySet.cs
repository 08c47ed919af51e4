using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Signing.Keys;

/// <summary>All keys of one zone, the same for each of its views: one DS at the parent stands for all of them.</summary>
/// <param name="Origin">The zone.</param>
/// <param name="Keys">The keys in use.</param>
/// <param name="Rollover">The rollover under way; null when there is none.</param>
public sealed record ZoneKeySet(Name Origin, ImmutableArray<SigningKey> Keys, Rollover? Rollover = null)
{
    /// <summary>How often this process has renewed the signatures that go out in transfers.</summary>
    public uint Renewals { get; init; }

    /// <summary>When they were renewed last; null while nobody has the zone from us.</summary>
    public DateTimeOffset? RenewedAt { get; init; }

    /// <summary>The keys that sign DNSKEY, CDS and CDNSKEY.</summary>
    public ImmutableArray<ZoneKey> EntryPoints => [.. Keys.Where(key => key.Key.IsEntryPoint).Select(key => key.Key)];

    /// <summary>The keys that sign everything else.</summary>
    public ImmutableArray<ZoneKey> DataSigners => [.. Keys.Where(key => key.Signs && key.Key.Role != KeyRole.Ksk).Select(key => key.Key)];

    /// <summary>The key that has this tag; null when there is none.</summary>
    public SigningKey? Find(ushort tag) => Keys.FirstOrDefault(key => key.Key.Tag == tag);

    /// <summary>The first keys of a zone: one CSK, or a KSK and a ZSK.</summary>
    public static ZoneKeySet Create(Name origin, SigningAlgorithm algorithm, bool split, DateTimeOffset now)
    {
        var first = new SigningKey(Fresh(origin, split ? KeyRole.Ksk : KeyRole.Csk, algorithm, []), Signs: !split, Announced: true, now);
        return new ZoneKeySet(origin, split
            ? [first, new SigningKey(Fresh(origin, KeyRole.Zsk, algorithm, [first.Key.Tag]), Signs: true, Announced: false, now)]
            : [first]);
    }

    /// <summary>A new key whose tag none of the others has: two of one tag would cost validators a try (RFC 6781 §3.4.1).</summary>
    public static ZoneKey Fresh(Name origin, KeyRole role, SigningAlgorithm algorithm, IEnumerable<ushort> taken)
    {
        var tags = taken.ToHashSet();
        ZoneKey key;
        do
        {
            key = new ZoneKey(origin, role, PrivateKey.Create(algorithm));
        }
        while (tags.Contains(key.Tag));
        return key;
    }
}
