namespace Edge.PortMapping;

/// <summary>When an address that was found is published.</summary>
internal enum PublishRule
{
    /// <summary>Unless it was tried from outside and does not lead to us.</summary>
    UnlessDisproved,

    /// <summary>Only when somebody came in by it.</summary>
    Proven,

    /// <summary>Always.</summary>
    Always,
}
