using Edge.Dns.Wire;

namespace Edge.Dns.Zones;

/// <summary>One owner name in a zone, with or without records (RFC 4592 §2.2.2: an empty non-terminal exists too).</summary>
internal sealed class ZoneNode(Name owner)
{
    public Name Owner { get; } = owner;

    /// <summary>Its RRsets by type number; empty for an empty non-terminal.</summary>
    public RRset[] RRsets { get; set; } = [];

    /// <summary>The child whose label is "*".</summary>
    public ZoneNode? Wildcard { get; set; }

    /// <summary>The highest zone cut at or above: what a query for this name is referred to.</summary>
    public ZoneNode? Cut { get; set; }

    /// <summary>The highest DNAME owner strictly above: what this name is redirected by (RFC 6672 §2.3).</summary>
    public ZoneNode? Redirect { get; set; }

    public RRset? Find(RecordType type)
    {
        foreach (var rrset in RRsets)
        {
            if (rrset.Type == type)
            {
                return rrset;
            }
        }

        return null;
    }
}
