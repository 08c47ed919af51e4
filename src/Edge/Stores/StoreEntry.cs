namespace Edge.Stores;

/// <summary>One key with its value.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value; do not write to it.</param>
/// <param name="Revision">The revision of the write that made this value.</param>
/// <param name="Lease">The lease it lives by; null when it stays.</param>
internal sealed record StoreEntry(string Key, ReadOnlyMemory<byte> Value, long Revision, LeaseId? Lease);
