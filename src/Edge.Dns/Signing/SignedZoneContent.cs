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
    private readonly List<SignedName> _owners;
    private readonly Dictionary<(Name Owner, RecordType Type), SignedRecords> _signatures;
    private readonly NsecChain _chain;

    private SignedZoneContent(Zone zone, List<SignedName> owners, NsecChain chain, Dictionary<(Name Owner, RecordType Type), SignedRecords> signatures)
    {
        (Zone, _owners, _chain, _signatures) = (zone, owners, chain, signatures);
        RefreshAt = DateTimeOffset.FromUnixTimeSeconds(signatures.Values.Min(one => one.RefreshAt));
    }

    /// <summary>The version it was made of.</summary>
    public Zone Zone { get; }

    /// <summary>The serial it goes out under.</summary>
    public uint Serial => Zone.Serial;

    /// <summary>When the first of its signatures is to be renewed: the zone then needs a new serial, at least a week before anything expires.</summary>
    public DateTimeOffset RefreshAt { get; }

    /// <summary>
    /// All records, made one by one: each set is followed by its RRSIG records. The SOA comes first and is not repeated at
    /// the end, which is the transfer's business (RFC 5936 §2.2).
    /// </summary>
    public IEnumerable<ResourceRecord> Records
    {
        get
        {
            var link = 0;
            foreach (var name in _owners)
            {
                foreach (var set in name.Node.RRsets().Where(set => !SignedNames.IsMadeBySigning(set.Type)).OrderBy(set => set.Type != RecordType.SOA))
                {
                    foreach (var record in WithSignatures(set))
                    {
                        yield return record;
                    }
                }

                if (link < _chain.Links.Count && _chain.Links[link].Owner == name.Owner)
                {
                    foreach (var record in WithSignatures(_chain.Links[link++]))
                    {
                        yield return record;
                    }
                }
            }
        }
    }

    /// <summary>Signs a version of a zone.</summary>
    /// <param name="zone">The version.</param>
    /// <param name="signer">The zone's signer.</param>
    /// <param name="last">What went out before: signatures over what did not change stay while they are fresh.</param>
    public static SignedZoneContent Of(Zone zone, ZoneSigner signer, SignedZoneContent? last)
    {
        var now = signer.Now();
        var owners = SignedNames.Of(zone);
        var chain = NsecChain.Of(owners, zone.NegativeSoa?.Ttl ?? 0, last?._chain);
        var signatures = new Dictionary<(Name Owner, RecordType Type), SignedRecords>();
        foreach (var name in owners)
        {
            for (var i = 0; i < name.Node.SetCount; i++)
            {
                if (name.Signs(name.Node.TypeOf(i)))
                {
                    last?.HandOn(name.Node.Set(i), name.Owner, signer, now);
                    signatures.Add((name.Owner, name.Node.TypeOf(i)), signer.Sign(name.Node.Set(i), name.Owner.Wire, now));
                }
            }
        }

        foreach (var link in chain.Links)
        {
            signatures.Add((link.Owner, RecordType.NSEC), signer.Sign(link.Wire, link.Owner.Wire, now));
        }

        return new SignedZoneContent(zone, owners, chain, signatures);
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

    // A zone read anew keeps nothing of the one before; what it says as before need not be signed again, nor sent again.
    private void HandOn(in WireRRset set, Name owner, ZoneSigner signer, long now)
    {
        if (set.Signatures is null && _signatures.TryGetValue((owner, set.Type), out var signed) && signer.IsGood(signed, set.Type, now)
            && Zone.TryFind(owner.GetHashCode(), owner.Wire, out var node) && node.TryFind(set.Type, out var old) && old.Records.SequenceEqual(set.Records))
        {
            set.Keep(signed);
        }
    }

    private IEnumerable<ResourceRecord> WithSignatures(RRset set) => _signatures.TryGetValue((set.Owner, set.Type), out var signatures)
        ? set.Records.Concat(SetSigner.DataOf(signatures).Select(data => new ResourceRecord(set.Owner, RecordType.RRSIG, set.Ttl, data)))
        : set.Records;

    private static bool NotSoa(ResourceRecord record) => record.Type != RecordType.SOA;

    private static (Name, RecordType, uint, RData) Content(ResourceRecord record) => (record.Owner, record.Type, record.Ttl, record.Data);
}
