using System.Collections.Immutable;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Signing;

/// <summary>
/// One version of a signed zone as a transfer carries it: every record with its signatures, and the whole NSEC chain,
/// whatever the zone itself proves absence with. Immutable: what has gone out under a serial stays what it was.
/// </summary>
public sealed class SignedZoneContent
{
    private readonly (RRset Set, SignedRecords? Signatures)[] _sets;

    private SignedZoneContent(Zone zone, (RRset Set, SignedRecords? Signatures)[] sets, NsecChain chain, long refreshAt)
    {
        (Zone, _sets, Chain, RefreshAt) = (zone, sets, chain, DateTimeOffset.FromUnixTimeSeconds(refreshAt));
    }

    /// <summary>The version it was made of.</summary>
    public Zone Zone { get; }

    /// <summary>The serial it goes out under.</summary>
    public uint Serial => Zone.Serial;

    /// <summary>When the first of its signatures is to be renewed: the zone then needs a new serial, at least a week before anything expires.</summary>
    public DateTimeOffset RefreshAt { get; }

    /// <summary>All records, each set followed by its RRSIG records; the SOA comes first and is not repeated at the end (RFC 5936 §2.2 does that).</summary>
    public IEnumerable<ResourceRecord> Records =>
        _sets.OrderBy(one => one.Set.Type != RecordType.SOA).SelectMany(one => one.Set.Records.Concat(SignaturesOf(one.Set, one.Signatures)));

    internal NsecChain Chain { get; }

    /// <summary>Signs a version of a zone.</summary>
    /// <param name="zone">The version.</param>
    /// <param name="signer">The zone's signer.</param>
    /// <param name="last">What went out before: signatures over what did not change stay while they are fresh.</param>
    public static SignedZoneContent Of(Zone zone, ZoneSigner signer, SignedZoneContent? last)
    {
        var now = signer.Now();
        var sets = zone.RRsets.Where(set => !SignedNames.IsMadeBySigning(set.Type)).OrderBy(set => set.Owner).ThenBy(set => set.Type).ToList();
        var chain = NsecChain.Of(zone.Origin, sets, NegativeTtl(zone), last?.Chain);
        var names = SignedNames.Of(zone.Origin, sets).ToDictionary(name => name.Owner);
        var signed = new List<(RRset Set, SignedRecords? Signatures)>();
        foreach (var set in sets)
        {
            var isSigned = names.TryGetValue(set.Owner, out var name) && (!name.IsDelegation || set.Type == RecordType.DS);
            signed.Add((set, isSigned ? signer.Sign(set, now) : null));
        }

        signed.AddRange(chain.Links.Select(link => (link, (SignedRecords?)signer.Sign(link, now))));
        signed.Sort(static (a, b) => a.Set.Owner.CompareTo(b.Set.Owner) is var order and not 0 ? order : a.Set.Type.CompareTo(b.Set.Type));
        return new SignedZoneContent(zone, [.. signed], chain, signed.Min(one => one.Signatures?.RefreshAt ?? long.MaxValue));
    }

    /// <summary>What one version has that another has not, with the changes to signatures and proofs (RFC 1995 §4).</summary>
    public static ZoneDifference Between(SignedZoneContent before, SignedZoneContent after)
    {
        var old = before.Records.ToDictionary(Content);
        var added = ImmutableArray.CreateBuilder<ResourceRecord>();
        foreach (var record in after.Records)
        {
            if (!old.Remove(Content(record)))
            {
                added.Add(record);
            }
        }

        return new ZoneDifference([.. old.Values.OrderBy(NotSoa)], [.. added.OrderBy(NotSoa)]);
    }

    /// <summary>RFC 9077 §3: the TTL of NSEC records is that of negative answers.</summary>
    internal static uint NegativeTtl(Zone zone) => zone.Find(zone.Origin, RecordType.SOA) is { } soa && soa.Data[0].Wire.Length >= 22
        ? Math.Min(soa.Ttl, System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(soa.Data[0].Wire[^4..]))
        : 0;

    private static IEnumerable<ResourceRecord> SignaturesOf(RRset set, SignedRecords? signatures) => signatures is null
        ? []
        : SetSigner.DataOf(signatures).Select(data => new ResourceRecord(set.Owner, RecordType.RRSIG, set.Ttl, data));

    private static bool NotSoa(ResourceRecord record) => record.Type != RecordType.SOA;

    private static (Name, RecordType, uint, RData) Content(ResourceRecord record) => (record.Owner, record.Type, record.Ttl, record.Data);
}
