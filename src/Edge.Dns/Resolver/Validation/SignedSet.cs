using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Validation;

/// <summary>One RRset of a message with the signatures that came with it.</summary>
internal sealed class SignedSet(Name owner, RecordType type)
{
    public Name Owner { get; } = owner;

    public RecordType Type { get; } = type;

    public List<ResourceRecord> Records { get; } = [];

    public List<SignatureRecord> Signatures { get; } = [];

    /// <summary>The zone that claims to have signed it: of several the one nearest to the owner; null when none can have.</summary>
    public Name? Signer
    {
        get
        {
            Name? nearest = null;
            foreach (var signature in Signatures)
            {
                // RFC 4035 §5.3.1: the signer is the zone of the set; a DS belongs to the zone above its owner.
                var fits = Owner.IsAtOrBelow(signature.Signer) && (Type != RecordType.DS || Owner != signature.Signer || Owner.IsRoot);
                if (fits && (nearest is null || signature.Signer.LabelCount > nearest.LabelCount))
                {
                    nearest = signature.Signer;
                }
            }

            return nearest;
        }
    }

    public override string ToString() => $"{Owner} {Type}";

    /// <summary>The sets of a section, in the order of their first records.</summary>
    public static List<SignedSet> Of(List<ResourceRecord> section)
    {
        var sets = new List<SignedSet>();
        var known = new Dictionary<(Name, RecordType), SignedSet>();
        foreach (var record in section)
        {
            if (record.Type == RecordType.RRSIG)
            {
                continue;
            }

            if (!known.TryGetValue((record.Owner, record.Type), out var set))
            {
                known[(record.Owner, record.Type)] = set = new SignedSet(record.Owner, record.Type);
                sets.Add(set);
            }

            set.Records.Add(record);
        }

        foreach (var record in section)
        {
            if (record.Type == RecordType.RRSIG && SignatureRecord.Read(record) is { } signature && known.TryGetValue((record.Owner, signature.Covered), out var set))
            {
                set.Signatures.Add(signature);
            }
        }

        return sets;
    }

    public static SignedSet? Find(List<SignedSet> sets, Name owner, RecordType type)
    {
        foreach (var set in sets)
        {
            if (set.Type == type && set.Owner == owner)
            {
                return set;
            }
        }

        return null;
    }
}
