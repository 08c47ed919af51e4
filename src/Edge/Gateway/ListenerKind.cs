namespace Edge.Gateway;

/// <summary>Which of the listeners of this process a connection came in by.</summary>
internal enum ListenerKind
{
    /// <summary>Plain HTTP of the gateway.</summary>
    Http,

    /// <summary>HTTPS of the gateway.</summary>
    Https,

    /// <summary>The admin API.</summary>
    Admin,

    /// <summary>Metrics and health alone.</summary>
    Metrics,
}
