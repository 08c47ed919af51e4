namespace Edge.Gateway.Straight;

/// <summary>How the copying of a body ended.</summary>
internal enum CopyEnd
{
    /// <summary>All of it was copied.</summary>
    Whole,

    /// <summary>The destination ended before, or sent something that is no body.</summary>
    BrokenOff,

    /// <summary>The client takes no more.</summary>
    ClientGone,
}
