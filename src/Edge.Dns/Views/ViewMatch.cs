using System.Net;

namespace Edge.Dns.Views;

/// <summary>Why a client is in a view.</summary>
/// <param name="View">The view.</param>
/// <param name="Network">The most specific network that holds the client; null when none does and the client is "public" for that reason.</param>
/// <param name="Source">Where the network comes from: "declared in view lan", "on-link at eth0", or "no network matches".</param>
public sealed record ViewMatch(View View, IPNetwork? Network, string Source)
{
    /// <summary>A sentence for people: "lan: 192.168.1.0/24, on-link at eth0".</summary>
    public override string ToString() => Network is { } network ? $"{View.Name}: {network}, {Source}" : $"{View.Name}: {Source}";
}
