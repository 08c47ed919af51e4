using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Signing;

/// <summary>What of a hashed chain proves that something is not there (RFC 5155 §7.2); up to three records, some of which may be the same.</summary>
internal readonly record struct HashedProof(RRset? First, RRset? Second = null, RRset? Third = null)
{
    /// <summary>A name that does not exist: its closest encloser does, the next closer name does not, nor does a wildcard (§7.2.2).</summary>
    public static HashedProof NoName(HashedChain chain, scoped NameSuffixes name, int encloser)
    {
        Span<byte> wildcard = stackalloc byte[Name.MaxWireLength];
        return new HashedProof(chain.Match(name[encloser]), chain.Cover(name[encloser - 1]), chain.Cover(WildcardAt(name[encloser], wildcard)));
    }

    /// <summary>A name that has not the type: its own record, or, under an opt-out, the closest encloser that has one (§7.2.3, §7.2.4).</summary>
    public static HashedProof NoType(HashedChain chain, scoped NameSuffixes name, int suffix = 0) =>
        chain.Match(name[suffix]) is { } own ? new HashedProof(own) : ClosestEncloser(chain, name, suffix);

    /// <summary>A wildcard that stands for the name and has not the type (§7.2.5).</summary>
    public static HashedProof NoTypeAtWildcard(HashedChain chain, scoped NameSuffixes name, int encloser)
    {
        Span<byte> wildcard = stackalloc byte[Name.MaxWireLength];
        return new HashedProof(chain.Match(name[encloser]), chain.Cover(name[encloser - 1]), chain.Match(WildcardAt(name[encloser], wildcard)));
    }

    /// <summary>Nothing nearer to the name than the wildcard that answered (§7.2.6).</summary>
    public static HashedProof NoCloserMatch(HashedChain chain, scoped NameSuffixes name, int encloser) => new(chain.Cover(name[encloser - 1]));

    // §7.2.1.
    private static HashedProof ClosestEncloser(HashedChain chain, scoped NameSuffixes name, int below)
    {
        for (var suffix = below + 1; suffix <= name.LabelCount; suffix++)
        {
            if (chain.Match(name[suffix]) is { } encloser)
            {
                return new HashedProof(encloser, chain.Cover(name[suffix - 1]));
            }
        }

        return default;
    }

    private static ReadOnlySpan<byte> WildcardAt(scoped ReadOnlySpan<byte> encloser, Span<byte> room)
    {
        // Where a wildcard would be too long there is none, and the encloser itself is covered by nobody.
        if (encloser.Length + 2 > room.Length)
        {
            encloser.CopyTo(room);
            return room[..encloser.Length];
        }

        room[0] = 1;
        room[1] = (byte)'*';
        encloser.CopyTo(room[2..]);
        return room[..(encloser.Length + 2)];
    }
}
