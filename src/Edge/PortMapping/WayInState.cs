using System.Collections.Immutable;
using System.Net;

namespace Edge.PortMapping;

/// <summary>How it stands with the way in, as it is told.</summary>
internal sealed record WayInState(WayInFacts Facts)
{
    public static readonly WayInState Off = new(new WayInFacts()) { IsOff = true };

    /// <summary>Whether nobody wants to know.</summary>
    public bool IsOff { get; init; }

    /// <summary>The settings that are looked for by now, where what stands here came of others or of none; null when it came of them.</summary>
    public PortMappingOptions? Beginning { get; init; }

    /// <summary>The router on the way to the internet.</summary>
    public IPAddress? Router { get; init; }

    /// <summary>What it speaks.</summary>
    public string? Protocol { get; init; }

    /// <summary>What is asked where we come from.</summary>
    public Uri? Echo { get; init; }

    public ImmutableArray<MappingStatus> Mappings { get; init; } = [];

    /// <summary>The addresses that are told outside: those of the facts, or those before while it is tried whether the new ones lead here.</summary>
    public ImmutableArray<IPAddress> Published { get; init; } = [];

    public WayInVerdict Verdict => IsOff ? Beginning is null ? WayInVerdict.Off : WayInVerdict.Unknown : Facts.Verdict;
}
