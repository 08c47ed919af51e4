namespace Edge.Names.Leases;

/// <summary>Words of strangers, made fit for a log: short, and in characters that do nothing to a terminal.</summary>
internal static class LeaseText
{
    private const int Longest = 64;

    public static string Shown(string text) =>
        string.Concat((text.Length > Longest ? text[..Longest] + "…" : text).Select(c => c is < ' ' or '\x7f' or (>= '\x80' and <= '\x9f') ? '?' : c));
}
