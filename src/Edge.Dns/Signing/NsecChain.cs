using Edge.Dns.Dnssec;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Signing;

/// <summary>The NSEC records of a whole zone, one for each name that it answers for or delegates, in canonical order (RFC 4034 §4, RFC 4035 §2.3).</summary>
internal sealed class NsecChain
{
    private readonly RRset[] _links;

    private NsecChain(RRset[] links) => _links = links;

    /// <summary>The records, the apex's first.</summary>
    public IReadOnlyList<RRset> Links => _links;

    /// <summary>Makes the chain of one version of a zone.</summary>
    /// <param name="owners">The owners in the zone, in canonical order.</param>
    /// <param name="ttl">The TTL of its negative answers (RFC 9077 §3).</param>
    /// <param name="last">The chain of the version before: links that are the same keep their signatures.</param>
    public static NsecChain Of(List<SignedName> owners, uint ttl, NsecChain? last = null)
    {
        var names = owners.FindAll(static name => name.Kind != SignedNameKind.Occluded && name.Types().Any());
        var links = new RRset[names.Count];
        var old = 0;
        for (var i = 0; i < links.Length; i++)
        {
            // The last name points to the apex (RFC 4034 §4.1.1).
            var (owner, next) = (names[i].Owner, names[(i + 1) % names.Count].Owner);
            var data = new RData(TypeBitmap.NsecData(next.Wire, names[i].Types().Append(RecordType.RRSIG).Append(RecordType.NSEC)));
            while (last is not null && old < last._links.Length && last._links[old].Owner.CompareTo(owner) < 0)
            {
                old++;
            }

            links[i] = last is not null && old < last._links.Length && last._links[old] is var link
                && link.Owner == owner && link.Ttl == ttl && link.Data[0] == data
                ? link
                : new RRset(owner, RecordType.NSEC, ttl, [data], [default]);
        }

        return new NsecChain(links);
    }

    /// <summary>The chain that a zone brings along.</summary>
    /// <param name="links">Its NSEC sets in any order.</param>
    public static NsecChain Of(List<RRset> links) => new([.. links.OrderBy(link => link.Owner)]);

    /// <summary>The link whose owner is the name, or the last one before it: the one that says what is there, or that nothing is.</summary>
    public RRset At(scoped ReadOnlySpan<byte> name)
    {
        var (low, high) = (0, _links.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (NameComparison.Canonical(_links[middle].Owner.Wire, name) <= 0)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return _links[low];
    }
}
