namespace Edge.Services.Routing;

/// <summary>How a path is compared.</summary>
internal enum PathKind
{
    /// <summary>The whole path.</summary>
    Exact,

    /// <summary>The path and everything below it, segment by segment.</summary>
    Prefix,

    /// <summary>A regular expression found anywhere in the path.</summary>
    Regex,
}
