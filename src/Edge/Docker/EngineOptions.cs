using System.Collections.Immutable;
using Edge.Services;
using Edge.Settings;

namespace Edge.Docker;

/// <summary>One engine of containers, and what its labels may say.</summary>
internal sealed record EngineOptions
{
    /// <summary>Its socket, a full path.</summary>
    public required string Socket { get; init; }

    /// <summary>The hosts that labels may claim, as a token's: "*.nas.example.com".</summary>
    public required ImmutableArray<string> Hosts { get; init; }

    /// <summary>Who services are for that do not say it.</summary>
    public Exposure Expose { get; init; } = Exposure.Everywhere;

    /// <summary>The network by which containers are reached that have several; null for the first that this machine shares.</summary>
    public string? Network { get; init; }

    /// <summary>The ports that labels may have opened for tcp:// and udp://.</summary>
    public ImmutableArray<int> Ports { get; init; } = [];

    /// <summary>Where labels may let requests go beside their own container.</summary>
    public LabelDestinations Destinations { get; init; } = LabelDestinations.Own;

    /// <summary>How long the names of a container that has stopped are kept for it.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>All of it in one line, to be compared.</summary>
    public string Text => $"{Socket} {string.Join(',', Hosts)} {Expose} {Network} {string.Join(',', Ports)} {Destinations.Text} {DurationText.Format(Hold)}";
}
