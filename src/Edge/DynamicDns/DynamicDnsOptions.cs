using Edge.Settings;

namespace Edge.DynamicDns;

/// <summary>The setting <c>dynamic-dns</c> of edge.yaml: where updates of addresses are taken.</summary>
/// <param name="IsAtGateway">By HTTPS under the name of this box as well, not only by the API.</param>
internal sealed record DynamicDnsOptions(bool IsAtGateway)
{
    /// <param name="root">All of edge.yaml.</param>
    public static DynamicDnsOptions Read(MapReader root) => new(root.Word("dynamic-dns", "api", "gateway") == "gateway");
}
