namespace Edge.Dns.Zones;

/// <summary>What sources other than files say about one owner in one view.</summary>
internal sealed class OwnerInputs
{
    /// <summary>Changes of the zone itself.</summary>
    public List<ChangedRRset> Shared { get; } = [];

    /// <summary>Changes for this view.</summary>
    public List<ChangedRRset> OfView { get; } = [];

    /// <summary>Records laid over it, in the order of the sources.</summary>
    public List<OverlayRecord> Overlay { get; } = [];

    /// <summary>At a zone's apex: how often what goes out with it was renewed.</summary>
    public uint Renewals { get; set; }

    public bool Equals(OwnerInputs other) =>
        ReferenceEquals(this, other)
        || (Renewals == other.Renewals && Same(Shared, other.Shared) && Same(OfView, other.OfView) && Same(Overlay, other.Overlay));

    private static bool Same<T>(List<T> a, List<T> b)
        where T : class
    {
        if (a.Count != b.Count)
        {
            return false;
        }

        for (var i = 0; i < a.Count; i++)
        {
            if (!ReferenceEquals(a[i], b[i]) && !a[i].Equals(b[i]))
            {
                return false;
            }
        }

        return true;
    }
}
