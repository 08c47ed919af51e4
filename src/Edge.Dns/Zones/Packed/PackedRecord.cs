namespace Edge.Dns.Zones.Packed;

/// <summary>One record of a packed list, by where its parts lie.</summary>
/// <param name="Owner">Offset of the owner's wire form.</param>
/// <param name="Record">Offset of the record as it stands behind a question: a pointer to offset 12, type, class, TTL, length, data.</param>
/// <param name="Source">Its number in the <see cref="SourceTable"/>.</param>
internal readonly record struct PackedRecord(int Owner, int Record, int Source);
