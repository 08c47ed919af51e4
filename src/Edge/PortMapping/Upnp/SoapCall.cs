using System.Globalization;
using System.Net;

namespace Edge.PortMapping.Upnp;

/// <summary>The calls of WANIPConnection and WANPPPConnection (UPnP InternetGatewayDevice), with the arguments in the order of the standard.</summary>
internal static class SoapCall
{
    /// <summary>What our mappings are called in the router's pages, and what tells them from those of others.</summary>
    public const string Description = "Edge ";

    /// <summary>"Edge https (1f2e3d4c)": what is in brackets tells this box from another Edge.</summary>
    public static string DescriptionOf(WantedMapping wanted, string mark) => $"{Description}{wanted.For} ({mark})";

    public static string AddPortMapping(string service, string action, WantedMapping wanted, IPAddress local, string mark, TimeSpan lease) => Envelope(
        service,
        action,
        ("NewRemoteHost", ""),
        ("NewExternalPort", Text(wanted.External)),
        ("NewProtocol", Protocol(wanted)),
        ("NewInternalPort", Text(wanted.Internal)),
        ("NewInternalClient", local.ToString()),
        ("NewEnabled", "1"),
        ("NewPortMappingDescription", DescriptionOf(wanted, mark)),
        ("NewLeaseDuration", Text((int)lease.TotalSeconds)));

    /// <summary>DeletePortMapping, or GetSpecificPortMappingEntry: both say which one alike.</summary>
    public static string OfMapping(string service, string action, WantedMapping mapping) => Envelope(
        service, action, ("NewRemoteHost", ""), ("NewExternalPort", Text(mapping.External)), ("NewProtocol", Protocol(mapping)));

    public static string WithoutArguments(string service, string action) => Envelope(service, action);

    private static string Envelope(string service, string action, params (string Name, string Value)[] arguments) => $"""
        <?xml version="1.0"?>
        <s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body><u:{action} xmlns:u="{service}">{string.Concat(arguments.Select(argument => $"<{argument.Name}>{RouterXml.Escape(argument.Value)}</{argument.Name}>"))}</u:{action}></s:Body></s:Envelope>

        """.ReplaceLineEndings("\r\n");

    private static string Protocol(WantedMapping mapping) => mapping.Protocol == MappingProtocol.Tcp ? "TCP" : "UDP";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
