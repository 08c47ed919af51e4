namespace Edge.Stores;

/// <summary>What becomes of one key in a write of several.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">Its value from now on; null to remove it.</param>
internal sealed record StoreEdit(string Key, ReadOnlyMemory<byte>? Value);
