namespace Edge.Dns.Filtering;

/// <summary>Some names as people ask for them, with next to nothing in common: what matches them all matches nearly every name.</summary>
internal static class OrdinaryNames
{
    private static readonly string[] Names = ["wikipedia.org", "www.bbc.co.uk", "debian.net", "github.com", "xn--bcher-kva.de", "a1-cdn.fritz.box"];

    /// <summary>Whether a pattern matches all of them.</summary>
    /// <param name="matches">Whether it matches one.</param>
    public static bool AllMatch(Func<string, bool> matches) => Names.All(matches);
}
