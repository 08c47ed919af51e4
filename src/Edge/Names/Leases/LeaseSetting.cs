using Edge.Dns.Wire;

namespace Edge.Names.Leases;

/// <summary>One lease file whose clients get names.</summary>
/// <param name="Path">Where it is, a full path.</param>
/// <param name="ShownAs">The path as the user wrote it.</param>
/// <param name="Format">Who writes it; null when that is to be seen from the file.</param>
/// <param name="Domain">The domain that the names are put into.</param>
internal sealed record LeaseSetting(string Path, string ShownAs, LeaseFormat? Format, Name Domain);
