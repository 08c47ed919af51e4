namespace Edge.Observability;

/// <summary>How a line of the access log looks.</summary>
internal enum AccessLogFormat
{
    /// <summary>An object of JSON.</summary>
    Json,

    /// <summary>The combined format of NCSA and Apache.</summary>
    Combined,

    /// <summary>The same with host and port in front: Debian's vhost_combined.</summary>
    VhostCombined,
}
