namespace Edge.Dns.Zones.Packed;

/// <summary>One owner of a packed zone, or an empty non-terminal.</summary>
internal struct NodeEntry
{
    /// <summary>Offset of its name; below zero, the complement of an offset among the regrouped records.</summary>
    public int Owner;

    /// <summary>Place of its first RRset; the others follow.</summary>
    public int FirstSet;

    /// <summary>Owners and empty non-terminals one label below it.</summary>
    public int Children;

    public ushort Sets;

    public NodeFlags Flags;
}
