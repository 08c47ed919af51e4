namespace Edge.Dns.Zones.MasterFile;

/// <summary>One entry of a zone file: a line, or several joined by parentheses (RFC 1035 §5.1).</summary>
/// <param name="Line">1-based line where it begins.</param>
/// <param name="BlankOwner">The line begins with a space: the entry belongs to the owner above it.</param>
/// <param name="Tokens">Its words; never empty unless <paramref name="Error"/> is set.</param>
/// <param name="Error">What keeps it from being read; null when it is whole.</param>
internal sealed record ZoneFileEntry(int Line, bool BlankOwner, IReadOnlyList<ZoneFileToken> Tokens, ZoneFileError? Error = null);
