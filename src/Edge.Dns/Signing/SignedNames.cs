using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Signing;

/// <summary>Tells what of a zone is signed: not glue, not what lies below a DNAME, not the NS set of a delegation (RFC 4035 §2.2).</summary>
internal static class SignedNames
{
    /// <summary>Records that signing makes; those that a file brings are not served beside ours.</summary>
    public static bool IsMadeBySigning(RecordType type) => type is RecordType.RRSIG or RecordType.NSEC or RecordType.NSEC3 or RecordType.NSEC3PARAM;

    /// <summary>The names of a zone that have a place in the NSEC chain, in canonical order.</summary>
    /// <param name="origin">The zone.</param>
    /// <param name="sets">All its sets in canonical order of their owners.</param>
    public static IEnumerable<SignedName> Of(Name origin, IEnumerable<RRset> sets)
    {
        Name? above = null;
        foreach (var owner in ByOwner(sets))
        {
            var name = owner[0].Owner;
            if (above is not null && name.IsAtOrBelow(above))
            {
                continue;
            }

            var types = owner.Select(set => set.Type).Where(type => !IsMadeBySigning(type)).ToArray();
            var delegation = name != origin && !name.IsWildcard && types.Contains(RecordType.NS);
            above = delegation || types.Contains(RecordType.DNAME) ? name : null;
            if (types.Length > 0)
            {
                yield return new SignedName(name, delegation ? [.. types.Where(type => type is RecordType.NS or RecordType.DS)] : types, delegation);
            }
        }
    }

    private static IEnumerable<List<RRset>> ByOwner(IEnumerable<RRset> sets)
    {
        var owner = new List<RRset>();
        foreach (var set in sets)
        {
            if (owner.Count > 0 && owner[0].Owner != set.Owner)
            {
                yield return owner;
                owner = [];
            }

            owner.Add(set);
        }

        if (owner.Count > 0)
        {
            yield return owner;
        }
    }
}
