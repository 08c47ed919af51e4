using System.Collections.Immutable;
using Edge.Dns.Signing.Keys;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Signing;

/// <summary>Signs one zone in all its views. Immutable; another one takes its place when keys or settings change.</summary>
public sealed class ZoneSigner
{
    // A signature made while the clock was ahead begins in the future: further from its refresh than any new one.
    private const long LongestToRefresh = SignatureTimes.RefreshAfter + 3600;

    private readonly TimeProvider _time;
    private readonly ImmutableArray<ZoneKey> _dataSigners;
    private readonly ImmutableArray<ZoneKey> _entryPoints;
    private readonly object _dataMark;
    private readonly object _entryMark;

    /// <summary>Makes a signer.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="denial">How absence is proved.</param>
    /// <param name="time">The clock that signatures are dated by.</param>
    /// <param name="last">The signer before it: what it signed with keys that still do stays valid.</param>
    public ZoneSigner(ZoneKeySet keys, DenialMode denial, TimeProvider time, ZoneSigner? last = null)
    {
        (Keys, Denial, _time) = (keys, denial, time);
        (_dataSigners, _entryPoints) = (keys.DataSigners, keys.EntryPoints);
        _dataMark = last is not null && Same(last._dataSigners, _dataSigners) ? last._dataMark : new object();
        _entryMark = last is not null && Same(last._entryPoints, _entryPoints) ? last._entryMark : new object();
    }

    /// <summary>The zone.</summary>
    public Name Origin => Keys.Origin;

    /// <summary>The keys.</summary>
    public ZoneKeySet Keys { get; }

    /// <summary>How absence is proved.</summary>
    public DenialMode Denial { get; }

    /// <summary>Proofs of all signers of this zone with the same keys carry this mark.</summary>
    internal object DataMark => _dataMark;

    /// <summary>Seconds since 1970. The wall clock, each time anew: a machine that slept for a week knows it on waking.</summary>
    internal long Now() => _time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Whether kept signatures may still be served.</summary>
    internal bool IsGood(SignedRecords? signatures, RecordType covered, long now) =>
        signatures is not null && ReferenceEquals(signatures.Signer, MarkFor(covered))
        && now < signatures.RefreshAt && signatures.RefreshAt - now <= LongestToRefresh;

    /// <summary>The signatures over a set: those kept with it, or new ones, which are kept.</summary>
    /// <param name="set">The set.</param>
    /// <param name="owner">Its owner in wire form, as the zone has it: a wildcard stays one.</param>
    /// <param name="now">The time, as <see cref="Now"/> said.</param>
    /// <param name="zoneTtl">The set's TTL in the zone, where it is another one here.</param>
    internal SignedRecords Sign(in WireRRset set, scoped ReadOnlySpan<byte> owner, long now, uint? zoneTtl = null)
    {
        if (set.Signatures is { } kept && IsGood(kept, set.Type, now))
        {
            return kept;
        }

        var made = Make(set, owner, now, zoneTtl ?? set.Ttl);
        set.Keep(made);
        return made;
    }

    private SignedRecords Make(in WireRRset set, scoped ReadOnlySpan<byte> owner, long now, uint zoneTtl)
    {
        var data = new List<byte[]>(set.Count);
        var walk = set.Records;
        while (WireRRset.TryNext(ref walk, out var one))
        {
            data.Add(one.ToArray());
        }

        var keys = IsForEntryPoints(set.Type) ? _entryPoints : _dataSigners;
        return SetSigner.Sign(owner, set.Type, zoneTtl, set.Ttl, data, keys, MarkFor(set.Type), SignatureTimes.From(now, zoneTtl));
    }

    private object MarkFor(RecordType type) => IsForEntryPoints(type) ? _entryMark : _dataMark;

    // RFC 4035 §2.1 for DNSKEY; RFC 7344 §4.1: what speaks to the parent is signed by a key that the parent knows.
    private static bool IsForEntryPoints(RecordType type) => type is RecordType.DNSKEY or RecordType.CDS or RecordType.CDNSKEY;

    private static bool Same(ImmutableArray<ZoneKey> a, ImmutableArray<ZoneKey> b) => a.Select(key => key.Dnskey).SequenceEqual(b.Select(key => key.Dnskey));
}
