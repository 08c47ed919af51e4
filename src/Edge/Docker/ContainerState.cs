namespace Edge.Docker;

/// <summary>Whether a container can answer.</summary>
internal enum ContainerState
{
    /// <summary>It runs; and where it has a health check, that has passed.</summary>
    Running,

    /// <summary>It runs, and its health check has not passed yet.</summary>
    Starting,

    /// <summary>It runs, and its health check fails.</summary>
    Unhealthy,

    Paused,

    /// <summary>It has ended, and the engine is about to start it again.</summary>
    Restarting,

    /// <summary>It does not run.</summary>
    Stopped,
}
