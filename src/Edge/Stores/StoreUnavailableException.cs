namespace Edge.Stores;

/// <summary>The store could not do it: disk full, file locked, cluster without quorum. Nothing was acknowledged, nothing changed.</summary>
internal sealed class StoreUnavailableException(string message, Exception? cause = null) : IOException(message, cause);
