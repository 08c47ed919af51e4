namespace Edge.Dns.Zones;

/// <summary>
/// Something that declares zones or records: zone files, services, ACME challenges. It holds an immutable
/// contribution and says when it has been replaced; the zone manager is the only listener.
/// </summary>
public interface IZoneSource
{
    /// <summary>A word for logs and explanations: "files", "services", "challenges".</summary>
    string Name { get; }

    /// <summary>What is declared now; a new object whenever it changed.</summary>
    ZoneContribution Current { get; }

    /// <summary>
    /// Raised after <see cref="Current"/> was replaced. The manager rebuilds what is touched inside the call:
    /// when the handler returns, queries are answered from the new records.
    /// </summary>
    event Action? Changed;
}
