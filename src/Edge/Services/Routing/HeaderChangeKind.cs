namespace Edge.Services.Routing;

/// <summary>What becomes of a header.</summary>
internal enum HeaderChangeKind
{
    /// <summary>It has this value and no other.</summary>
    Set,

    /// <summary>It has this value as well.</summary>
    Add,

    /// <summary>It is not there.</summary>
    Remove,
}
