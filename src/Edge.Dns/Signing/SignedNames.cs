using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Signing;

/// <summary>Tells what of a zone is signed: not glue, not what lies below a DNAME, not the NS set of a delegation (RFC 4035 §2.2).</summary>
internal static class SignedNames
{
    /// <summary>Records that signing makes; those that a file brings are not served beside ours.</summary>
    public static bool IsMadeBySigning(RecordType type) => type is RecordType.RRSIG or RecordType.NSEC or RecordType.NSEC3 or RecordType.NSEC3PARAM;

    /// <summary>The owners of a zone in canonical order (RFC 4034 §6.1), each with what is signed of it.</summary>
    public static List<SignedName> Of(Zone zone)
    {
        var owners = zone.Nodes.Where(node => node.SetCount > 0).Select(node => (node.Owner, Node: node)).ToList();
        owners.Sort(static (a, b) => a.Owner.CompareTo(b.Owner));
        var names = new List<SignedName>(owners.Count);
        Name? above = null;
        foreach (var (owner, node) in owners)
        {
            if (above is not null && owner.IsAtOrBelow(above))
            {
                names.Add(new SignedName(owner, node, SignedNameKind.Occluded));
                continue;
            }

            names.Add(new SignedName(owner, node, node.IsCut ? SignedNameKind.Delegation : SignedNameKind.Answered));
            above = node.IsCut || node.Has(RecordType.DNAME) ? owner : null;
        }

        return names;
    }
}
