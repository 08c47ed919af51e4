namespace Edge.Stores;

/// <summary>One change of one key.</summary>
/// <param name="Key">The key.</param>
/// <param name="Revision">The revision that made the change.</param>
/// <param name="Entry">What stands there now; null when the key was deleted or its lease ended.</param>
internal sealed record StoreChange(string Key, long Revision, StoreEntry? Entry);
