using System.Collections.Immutable;
using Edge.Dns.Resolver.Recursion;
using Edge.Dns.Resolver.Validation;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Settings;

namespace Edge.Names;

/// <summary>The part of the "dns" section of edge.yaml that says how names are resolved and what is believed.</summary>
internal sealed record ResolutionOptions
{
    private const int LeastCache = 1 << 20;

    /// <summary>Whether names are resolved from the root instead of by upstreams.</summary>
    public bool FromRoot { get; init; }

    /// <summary>Where the root's servers are; null for the built-in hints.</summary>
    public RootHints? Hints { get; init; }

    /// <summary>"auto", "true" or "false".</summary>
    public string Validation { get; init; } = "auto";

    /// <summary>Trust anchors of one's own; empty for the root's alone.</summary>
    public ImmutableArray<ResourceRecord> Anchors { get; init; } = [];

    /// <summary>Names below which nothing is validated.</summary>
    public ImmutableArray<Name> Unvalidated { get; init; } = [];

    /// <summary>Memory for answers in bytes.</summary>
    public long CacheBytes { get; init; } = 32L << 20;

    /// <summary>The files and words it was made of, by which changes are told.</summary>
    private string Text { get; init; } = "";

    /// <summary>Reads its keys.</summary>
    /// <param name="dns">The "dns" section.</param>
    /// <param name="folder">Where relative files start.</param>
    public static ResolutionOptions Read(MapReader dns, string folder)
    {
        var defaults = new ResolutionOptions();
        var hintsText = "";
        var hints = dns.Text("root-hints") is { } path ? ReadHints(Path.GetFullPath(path, folder), dns, out hintsText) : null;
        var anchors = dns.Text("trust-anchors") is { } file ? ReadAnchors(Path.GetFullPath(file, folder), dns) : [];
        var options = new ResolutionOptions
        {
            FromRoot = dns.Word("resolve", "forward", "recursive") == "recursive",
            Hints = hints,
            Validation = dns.SwitchOr("validation", "auto") ?? defaults.Validation,
            Anchors = anchors,
            Unvalidated = [.. dns.List("unvalidated", "a domain name", static text => Name.TryParse(text, Name.Root, out var name, out _) ? name : null)],
            CacheBytes = Cache(dns) ?? defaults.CacheBytes,
        };
        return options with { Text = options.Described(hintsText) };
    }

    public bool Equals(ResolutionOptions? other) => other is not null && Text == other.Text;

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    private string Described(string hints) => string.Join(
        '\n', [$"{FromRoot} {Validation} {CacheBytes} {hints}", .. Anchors.Select(record => record.ToString()), .. Unvalidated.Select(name => name.ToString())]);

    private static long? Cache(MapReader dns)
    {
        if (dns.Text("cache") is not { } text)
        {
            return null;
        }

        if (SizeText.Parse(text) is { } bytes and >= LeastCache)
        {
            return bytes;
        }

        dns.Problems.Add(dns.Node("cache")!, $"\"{text}\" is not a size of 1MB or more, such as 64MB");
        return null;
    }

    private static RootHints? ReadHints(string path, MapReader dns, out string text)
    {
        text = SettingFile.ReadText(dns.Node("root-hints")!, path, dns.Problems)?.ReplaceLineEndings("\n") ?? "";
        if (text.Length == 0)
        {
            return null;
        }

        var hints = RootHints.Parse(path, text.Split('\n'), out var problems);
        foreach (var problem in problems)
        {
            dns.Problems.Add(dns.Node("root-hints")!, problem);
        }

        return hints;
    }

    private static ImmutableArray<ResourceRecord> ReadAnchors(string path, MapReader dns)
    {
        if (SettingFile.ReadBytes(dns.Node("trust-anchors")!, path, dns.Problems) is not { } content)
        {
            return [];
        }

        var anchors = TrustAnchorFile.Read(path, content, out var problems);
        foreach (var problem in problems.Where(problem => problem.Severity == ZoneProblemSeverity.Error))
        {
            dns.Problems.Add(dns.Node("trust-anchors")!, problem.ToString());
        }

        return anchors;
    }
}
