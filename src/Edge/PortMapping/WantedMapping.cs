namespace Edge.PortMapping;

/// <summary>A port of the router that should lead to one of ours.</summary>
/// <param name="Protocol">TCP or UDP.</param>
/// <param name="Internal">Where we listen.</param>
/// <param name="External">Where the internet comes.</param>
/// <param name="For">What it is for: "https", "http", or the name of a service.</param>
internal sealed record WantedMapping(MappingProtocol Protocol, int Internal, int External, string For)
{
    /// <summary>What the gateway's HTTPS is called, which is what is tried from outside.</summary>
    public const string ForHttps = "https";

    public override string ToString() => $"{(Protocol == MappingProtocol.Tcp ? "TCP" : "UDP")} {External} to {Internal} ({For})";
}
