namespace Edge.Dns.Filtering;

/// <summary>Where a pattern may begin.</summary>
internal enum GlobStart
{
    /// <summary>Anywhere.</summary>
    Anywhere,

    /// <summary>At the start of any label: <c>||</c>.</summary>
    Label,

    /// <summary>At the start of the name: <c>|</c>.</summary>
    Name,
}
