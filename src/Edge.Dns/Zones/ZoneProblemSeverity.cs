namespace Edge.Dns.Zones;

/// <summary>What a problem does to the file it is in.</summary>
public enum ZoneProblemSeverity
{
    /// <summary>The zone is not loaded from this file; what served before keeps serving.</summary>
    Error,

    /// <summary>Probably not what was meant; the zone is served all the same.</summary>
    Warning,
}
