namespace Edge.Dns.Zones.MasterFile;

/// <summary>One word or quoted string of a zone file; escapes are still in it, because names and strings read them differently.</summary>
/// <param name="Text">The characters, one per byte of the file, without the quotes around them.</param>
/// <param name="Quoted">True for "…".</param>
/// <param name="Line">1-based line where it begins.</param>
internal readonly record struct ZoneFileToken(string Text, bool Quoted, int Line);
