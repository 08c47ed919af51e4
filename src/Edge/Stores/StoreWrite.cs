namespace Edge.Stores;

/// <summary>What became of a write.</summary>
/// <param name="Revision">The store's revision after it.</param>
/// <param name="Conflict">True when the expected revision was not the one found; nothing was written.</param>
/// <param name="Found">With a conflict: the entry that stands there, null when there is none.</param>
/// <param name="LeaseEnded">True when the lease the key should live by has ended; nothing was written.</param>
internal sealed record StoreWrite(long Revision, bool Conflict = false, StoreEntry? Found = null, bool LeaseEnded = false)
{
    /// <summary>True when the write took place.</summary>
    public bool Done => !Conflict && !LeaseEnded;
}
