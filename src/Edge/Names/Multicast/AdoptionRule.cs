using System.Collections.Immutable;
using System.IO.Enumeration;
using Edge.Dns.Multicast;
using Edge.Services;

namespace Edge.Names.Multicast;

/// <summary>Which services of neighbours are served without being asked for one by one.</summary>
internal sealed record AdoptionRule
{
    private static readonly ImmutableArray<string> Web = ["_http._tcp", "_https._tcp"];

    /// <summary>What it is called: a pattern with * in it.</summary>
    public string Instance { get; init; } = "*";

    /// <summary>The host that has it, "printer.local": a pattern with * in it.</summary>
    public string Host { get; init; } = "*";

    /// <summary>Its type; null for either of the web.</summary>
    public string? Type { get; init; }

    /// <summary>What it is called here; null for a name made of its own.</summary>
    public string? As { get; init; }

    /// <summary>Who it is for.</summary>
    public Exposure Expose { get; init; } = Exposure.Lan;

    /// <summary>The types of which instances are looked for.</summary>
    public ImmutableArray<string> Types => Type is null ? Web : [Type];

    // Not by FileSystemName's DOS rules: only * and what stands there. A backslash in it would escape.
    public bool Takes(FoundInstance found) => Types.Contains(found.Type) && Fits(Instance, found.Instance) && Fits(Host, found.Host.ToHostString());

    private static bool Fits(string pattern, string text) => pattern == "*" || FileSystemName.MatchesSimpleExpression(pattern.Replace("\\", "\\\\", StringComparison.Ordinal), text, ignoreCase: true);
}
