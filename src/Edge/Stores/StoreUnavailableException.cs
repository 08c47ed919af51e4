namespace Edge.Stores;

/// <summary>The store could not do it: disk full, file locked, cluster without quorum. Nothing was acknowledged, nothing changed.</summary>
internal sealed class StoreUnavailableException(string message, Exception? cause = null) : IOException(message, cause)
{
    /// <summary>True when the reason is that the disk is full.</summary>
    public bool OutOfSpace { get; init; }
}
