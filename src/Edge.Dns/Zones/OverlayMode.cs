namespace Edge.Dns.Zones;

/// <summary>How an overlay record meets records that files declare at the same owner.</summary>
public enum OverlayMode
{
    /// <summary>Services: the overlay makes the name where no file declares the owner; a file keeps its name.</summary>
    Fill,

    /// <summary>Challenges: the record joins what is there (another TXT beside the existing ones); it gives way only to a CNAME at its owner.</summary>
    Add,

    /// <summary>Leases: the overlay makes the name where nobody else declares it, neither a file nor a <see cref="Fill"/>; records that join stay beside it.</summary>
    Spare,
}
