namespace Edge.Dns.Zones.MasterFile;

/// <summary>A problem before it knows the name of its file.</summary>
internal sealed record ZoneFileError(int Line, string Message, string? Hint = null);
