namespace Edge.Dns.Wire;

/// <summary>Where a record was declared: a file and its line, or words such as "service photos" with line 0.</summary>
/// <param name="Where">File path as the user knows it, or what produced the record.</param>
/// <param name="Line">1-based line in the file; 0 when there is none.</param>
public readonly record struct RecordSource(string? Where, int Line = 0)
{
    /// <summary>"zones/example.com.zone:12", "service photos", or "" when unknown.</summary>
    public override string ToString() => Where is null ? "" : Line > 0 ? $"{Where}:{Line}" : Where;
}
