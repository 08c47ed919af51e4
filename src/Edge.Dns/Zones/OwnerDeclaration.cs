using Edge.Dns.Wire;
using Edge.Dns.Zones.Packed;

namespace Edge.Dns.Zones;

/// <summary>What is declared for one owner in one view.</summary>
internal sealed class OwnerDeclaration
{
    private readonly bool _unresolved;

    /// <param name="sets">Its sets, its ALIAS among them until the addresses that it leads to are known.</param>
    /// <param name="alias">The ALIAS as declared; null when there is none.</param>
    public OwnerDeclaration(List<RRset> sets, RRset? alias)
    {
        // An ALIAS is an instruction to this server and never a record of the zone: it is neither answered nor transferred.
        _unresolved = sets.RemoveAll(set => set.Type == RecordType.ALIAS) > 0;
        (Sets, Alias) = (sets, alias);
    }

    /// <summary>The sets that are served.</summary>
    public List<RRset> Sets { get; }

    /// <summary>The ALIAS as declared; null when there is none.</summary>
    public RRset? Alias { get; }

    /// <summary>Whether the name is declared at all.</summary>
    public bool Exists => Sets.Count > 0 || Alias is not null;

    /// <summary>What a lookup must know of the ALIAS.</summary>
    public NodeFlags Flags => Alias is null ? NodeFlags.None : _unresolved ? NodeFlags.Alias | NodeFlags.Unresolved : NodeFlags.Alias;
}
