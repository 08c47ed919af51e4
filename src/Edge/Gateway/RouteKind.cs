namespace Edge.Gateway;

/// <summary>Where a route comes from, in the order in which they go first when they ask for the same.</summary>
internal enum RouteKind
{
    /// <summary>A service of a file.</summary>
    Service,

    /// <summary>A route of a file in YARP's shape.</summary>
    File,

    /// <summary>A service of any other source, such as a registration: what a file says, no token can take.</summary>
    Registration,
}
