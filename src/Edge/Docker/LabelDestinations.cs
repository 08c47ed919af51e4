using System.Collections.Immutable;
using System.Net;
using Edge.Settings;

namespace Edge.Docker;

/// <summary>
/// Where labels may let requests go beside their own container. Whoever writes them is no more than what runs in it,
/// and that reaches neither the loopback of this machine nor, in many networks, the neighbours.
/// </summary>
/// <param name="IsAny">Anywhere.</param>
/// <param name="Networks">To addresses in these.</param>
internal sealed record LabelDestinations(bool IsAny, ImmutableArray<IPNetwork> Networks)
{
    public const string Expected = "own, any, or a network without bits behind its prefix (192.168.1.0/24)";

    public static readonly LabelDestinations Own = new(false, []);

    /// <summary>As it stands in edge.yaml.</summary>
    public string Text => IsAny ? "any" : Networks.IsEmpty ? "own" : string.Join(", ", Networks);

    /// <summary>One of the values of the setting; null when it is none.</summary>
    public static string? Word(string text) => text is "own" or "any" || NetworkText.Parse(text, out _) is not null ? text : null;

    public static LabelDestinations Read(IReadOnlyCollection<string> words) =>
        new(words.Contains("any"), [.. words.Select(word => NetworkText.Parse(word, out _)).OfType<IPNetwork>()]);

    /// <summary>Whether requests may go there. A name may lead anywhere, and so needs "any".</summary>
    public bool Allow(Uri destination) => IsAny || (IPAddress.TryParse(destination.DnsSafeHost, out var said) && Holds(said.IsIPv4MappedToIPv6 ? said.MapToIPv4() : said));

    private bool Holds(IPAddress address) => Networks.Any(network => network.Contains(address));
}
