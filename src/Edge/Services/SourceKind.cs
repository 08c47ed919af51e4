namespace Edge.Services;

/// <summary>The kinds of sources, the stronger first: of two that want the same name or host, the one of the stronger kind has it.</summary>
internal enum SourceKind
{
    /// <summary>Files in proxy-routes/.</summary>
    File,

    /// <summary>Registrations over HTTP.</summary>
    Api,

    /// <summary>Labels of containers.</summary>
    Docker,

    /// <summary>What devices announce by multicast DNS.</summary>
    Mdns,
}
