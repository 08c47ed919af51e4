namespace Edge.PortMapping.Upnp;

/// <summary>A service of the router that makes mappings.</summary>
/// <param name="Service">Its type: "urn:schemas-upnp-org:service:WANIPConnection:1".</param>
/// <param name="Control">Where it is called.</param>
internal sealed record WanConnection(string Service, Uri Control)
{
    /// <summary>Whether it may choose another port by itself (InternetGatewayDevice 2).</summary>
    public bool IsSecondVersion => Service.EndsWith(":2", StringComparison.Ordinal);
}
