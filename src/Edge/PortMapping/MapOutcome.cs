namespace Edge.PortMapping;

/// <summary>What became of a request for a mapping.</summary>
internal enum MapOutcome
{
    /// <summary>It is there, for a time.</summary>
    Made,

    /// <summary>The port is somebody else's.</summary>
    Taken,

    /// <summary>The router does not want to, or cannot.</summary>
    Refused,

    /// <summary>The router does not speak this protocol.</summary>
    NotSpoken,

    /// <summary>No answer.</summary>
    Silent,
}
