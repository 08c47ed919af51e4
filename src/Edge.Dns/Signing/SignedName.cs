using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Signing;

/// <summary>An owner in a signed zone.</summary>
/// <param name="Owner">The name.</param>
/// <param name="Node">What it owns.</param>
/// <param name="Kind">What the zone is to it.</param>
internal readonly record struct SignedName(Name Owner, ZoneNode Node, SignedNameKind Kind)
{
    /// <summary>Whether a set of the type at this owner is signed.</summary>
    public bool Signs(RecordType type) => Kind switch
    {
        SignedNameKind.Answered => !SignedNames.IsMadeBySigning(type),
        SignedNameKind.Delegation => type == RecordType.DS,
        _ => false,
    };

    /// <summary>The types that are proved to be here, without those of the proof itself.</summary>
    public IEnumerable<RecordType> Types()
    {
        for (var i = 0; i < Node.SetCount; i++)
        {
            var type = Node.TypeOf(i);
            if (Kind == SignedNameKind.Delegation ? type is RecordType.NS or RecordType.DS : !SignedNames.IsMadeBySigning(type))
            {
                yield return type;
            }
        }
    }
}
