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
        _dataMark = last is not null && Same(last.Keys.DataSigners, keys.DataSigners) ? last._dataMark : new object();
        _entryMark = last is not null && Same(last.Keys.EntryPoints, keys.EntryPoints) ? last._entryMark : new object();
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

    /// <summary>Signs a set of this zone.</summary>
    /// <param name="owner">Its owner in wire form; a wildcard as such.</param>
    /// <param name="type">Its type.</param>
    /// <param name="ttl">Its TTL.</param>
    /// <param name="data">The data of each of its records.</param>
    /// <param name="now">The time, as <see cref="Now"/> said.</param>
    internal SignedRecords Sign(ReadOnlySpan<byte> owner, RecordType type, uint ttl, IEnumerable<byte[]> data, long now) =>
        SetSigner.Sign(owner, type, ttl, data, IsForEntryPoints(type) ? Keys.EntryPoints : Keys.DataSigners, MarkFor(type), SignatureTimes.From(now, ttl));

    /// <summary>The signatures over a set: those kept with it, or new ones, which are kept.</summary>
    internal SignedRecords Sign(RRset set, long now)
    {
        if (set.Signatures is { } kept && IsGood(kept, set.Type, now))
        {
            return kept;
        }

        var made = Sign(set.Owner.Wire, set.Type, set.Ttl, set.Data.Select(data => data.Wire.ToArray()), now);
        set.Signatures = made;
        return made;
    }

    private object MarkFor(RecordType type) => IsForEntryPoints(type) ? _entryMark : _dataMark;

    // RFC 4035 §2.1 for DNSKEY; RFC 7344 §4.1: what speaks to the parent is signed by a key that the parent knows.
    private static bool IsForEntryPoints(RecordType type) => type is RecordType.DNSKEY or RecordType.CDS or RecordType.CDNSKEY;

    private static bool Same(ImmutableArray<ZoneKey> a, ImmutableArray<ZoneKey> b) => a.Select(key => key.Dnskey).SequenceEqual(b.Select(key => key.Dnskey));
}
