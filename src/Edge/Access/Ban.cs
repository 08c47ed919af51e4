using System.Net;
using Edge.Settings;

namespace Edge.Access;

/// <summary>An address or a network that is let in nowhere for a while, or was: bans that ended are remembered, so that the next one is longer.</summary>
/// <param name="Network">Who.</param>
/// <param name="Until">When it ends.</param>
/// <param name="Reason">Why, in a word or a line.</param>
/// <param name="Source">Who said so: "edge", "admin" or "crowdsec".</param>
/// <param name="Times">How many bans in a row, this one included.</param>
internal sealed record Ban(IPNetwork Network, DateTimeOffset Until, string Reason, string Source, int Times)
{
    public const string ByEdge = "edge";
    public const string ByAdmin = "admin";
    public const string ByCrowdSec = "crowdsec";

    /// <summary>Whether all of a network is banned with it.</summary>
    public bool Holds(IPNetwork network) => ExemptNetworks.IsWithin(network, Network);

    /// <summary>A network as people write it: a single address without its length.</summary>
    public static string Text(IPNetwork network) =>
        network.PrefixLength == (network.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 32 : 128) ? network.BaseAddress.ToString() : network.ToString();

    /// <summary>A network, or an address as the network of itself alone; null when it is neither.</summary>
    public static IPNetwork? Parse(string text) => Parse(text, out _);

    /// <summary>The same, and what was probably meant when it is neither.</summary>
    public static IPNetwork? Parse(string text, out string? instead) => NetworkText.Parse(text, out instead);
}
