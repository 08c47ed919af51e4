using System.Diagnostics.CodeAnalysis;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Recursion;

/// <summary>Names as keys that strangers choose: the hash has a secret start, so that nobody can make them all collide.</summary>
internal sealed class NameKeys : IEqualityComparer<Name>
{
    public static readonly NameKeys Instance = new();

    public bool Equals(Name? x, Name? y) => x == y;

    public int GetHashCode([DisallowNull] Name obj)
    {
        Span<byte> lower = stackalloc byte[Name.MaxWireLength];
        var wire = obj.Wire;
        for (var i = 0; i < wire.Length; i++)
        {
            lower[i] = NameComparison.Lower(wire[i]);
        }

        var hash = new HashCode();
        hash.AddBytes(lower[..wire.Length]);
        return hash.ToHashCode();
    }
}
