using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Validation;

/// <summary>Records of one zone, each verified, that prove what is not there.</summary>
internal abstract class Denial
{
    /// <summary>That the name does not exist, and no wildcard stands for it.</summary>
    public abstract Proof NoName(Name name);

    /// <summary>That neither the name nor a wildcard that stands for it has the type or is an alias.</summary>
    public abstract Proof NoType(Name name, RecordType type);

    /// <summary>That a name which a wildcard answered for does not exist itself (RFC 4035 §5.3.4).</summary>
    /// <param name="name">The name.</param>
    /// <param name="labels">How many of its labels the wildcard has, the asterisk not counted.</param>
    public abstract Proof NoCloserMatch(Name name, int labels);

    /// <summary>What a name that has no DS is.</summary>
    public abstract CutProof Cut(Name name);

    /// <summary>The name's last labels.</summary>
    protected static Name Suffix(Name name, int labels)
    {
        var wire = name.Wire;
        for (var skip = name.LabelCount - labels; skip > 0; skip--)
        {
            wire = wire[(wire[0] + 1)..];
        }

        return Name.FromWire(wire);
    }

    /// <summary>The wildcard below a name; null where it would be too long to be one.</summary>
    protected static Name? WildcardBelow(Name name) => name.Wire.Length + 2 > Name.MaxWireLength ? null : name.Prepend("*"u8);
}
