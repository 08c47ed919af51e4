using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Signing;

/// <summary>
/// What a zone that somebody else has signed brings along: a zone of another server, or a file. Its signatures lie beside
/// the sets they cover, its proofs of absence are NSEC or NSEC3 records; one for each version of the zone.
/// </summary>
internal sealed class StoredSignatures
{
    // What a query can wait for. The proofs of a larger zone are put in order aside, and those of the version before serve meanwhile.
    private const int MostAtOnce = 20_000;

    private static readonly ConditionalWeakTable<Zone, StoredSignatures> Known = [];
    private static readonly ConcurrentDictionary<Name, WeakReference<StoredSignatures>> Last = [];

    private readonly Zone _zone;

    private StoredSignatures(Zone zone) => _zone = zone;

    /// <summary>Its NSEC records; null when it has none.</summary>
    public NsecChain? Chain { get; private set; }

    /// <summary>Its NSEC3 records; null when it has none.</summary>
    public HashedChain? Hashed { get; private set; }

    /// <summary>What a zone brings; null when it is not signed.</summary>
    public static StoredSignatures? Of(Zone zone)
    {
        if (!zone.Apex.TryFind(RecordType.RRSIG, out _))
        {
            return null;
        }

        if (Known.TryGetValue(zone, out var stored))
        {
            return stored;
        }

        stored = new StoredSignatures(zone);
        var borrows = stored.TryBorrow();
        if (!borrows)
        {
            stored.Order();
        }

        // Two threads may come here at once: what the first one made is used.
        if (Known.TryAdd(zone, stored) && borrows)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static one => one.Order(), stored, preferLocal: false);
        }

        return stored;
    }

    private bool TryBorrow()
    {
        if (_zone.RRsetCount <= MostAtOnce || !Last.TryGetValue(_zone.Origin, out var known) || !known.TryGetTarget(out var last))
        {
            return false;
        }

        (Chain, Hashed) = (last.Chain, last.Hashed);
        return true;
    }

    /// <summary>The signatures over a set; null when there are none.</summary>
    /// <param name="set">The set.</param>
    /// <param name="owner">Its owner in wire form, as the zone has it.</param>
    public SignedRecords? Of(in WireRRset set, scoped ReadOnlySpan<byte> owner)
    {
        if (!_zone.TryFind(NameComparison.Hash(owner), owner, out var node) || !node.TryFind(RecordType.RRSIG, out var all))
        {
            return null;
        }

        // Signatures are made anew where the set stays what it is: they are good as long as they come from the same bytes.
        if (set.Signatures is { } kept && ReferenceEquals(kept.Signer, all.Store))
        {
            return kept;
        }

        var covering = new List<byte[]>();
        var walk = all.Records;
        while (WireRRset.TryNext(ref walk, out var data))
        {
            // A transfer brings any bytes: what is too short covers nothing.
            if (BinaryPrimitives.TryReadUInt16BigEndian(data, out var covered) && covered == (ushort)set.Type)
            {
                covering.Add(data.ToArray());
            }
        }

        var made = new SignedRecords(SetSigner.Behind(set.Ttl, covering), covering.Count, long.MaxValue, all.Store);
        set.Keep(made);
        return made;
    }

    private void Order()
    {
        var links = Nodes(RecordType.NSEC);
        Chain = links.Count == 0 ? null : NsecChain.Of(links);
        Hashed = HashedChain.Of(_zone, Nodes(RecordType.NSEC3));
        Last[_zone.Origin] = new WeakReference<StoredSignatures>(this);
    }

    // As objects of their own: what is kept beside them is theirs, and lasts as long as this version.
    private List<RRset> Nodes(RecordType type)
    {
        var found = new List<RRset>();
        foreach (var node in _zone.Nodes)
        {
            if (node.TryFind(type, out var set))
            {
                var whole = set.ToRRset(node.Owner);
                found.Add(new RRset(node.Owner, type, whole.Ttl, whole.Data, whole.Sources));
            }
        }

        return found;
    }
}
