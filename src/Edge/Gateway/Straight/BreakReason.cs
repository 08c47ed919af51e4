namespace Edge.Gateway.Straight;

/// <summary>Why this side ended a request under way.</summary>
internal enum BreakReason
{
    /// <summary>The client is gone.</summary>
    ClientLeft = 1,

    /// <summary>Nothing moved for too long.</summary>
    Silence,

    /// <summary>Edge ends.</summary>
    Shutdown,
}
