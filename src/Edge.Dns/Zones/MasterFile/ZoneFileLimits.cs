namespace Edge.Dns.Zones.MasterFile;

/// <summary>What one zone may take: files that include each other multiply, and memory is finite.</summary>
internal sealed class ZoneFileLimits
{
    /// <summary>After so many problems the rest of the file is not read.</summary>
    public const int MaxErrors = 500;

    /// <summary>Files that one zone may include, every time counted.</summary>
    public const int MaxIncludes = 1000;

    /// <summary>Records of one zone.</summary>
    public const int MaxRecords = 5_000_000;

    /// <summary>Bytes of one file.</summary>
    public const long MaxFileBytes = 512L * 1024 * 1024;

    private int _includes;
    private int _records;

    public bool TakeInclude() => ++_includes <= MaxIncludes;

    public bool TakeRecord() => ++_records <= MaxRecords;
}
