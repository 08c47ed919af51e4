using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Edge.Names.Designation;

namespace Edge.Admin.Setup;

/// <summary>
/// A configuration profile for Apple's systems (.mobileconfig): the encrypted resolver, and the root of our own CA where
/// the certificate is of it. The same box gives the same identifiers, so that a new profile replaces the old one.
/// </summary>
internal static class AppleProfile
{
    /// <summary>Whether the devices could reach this resolver under encryption: of DNS over TLS they know only the usual port.</summary>
    public static bool CanBeMade(ResolverFacts facts) => Chosen(facts, null) is not null;

    /// <param name="facts">The resolver.</param>
    /// <param name="wanted">TLS or HTTPS; null for HTTPS where it is served, which networks block less.</param>
    /// <returns>The profile; null when what is wanted is not served.</returns>
    public static string? Make(ResolverFacts facts, DesignatedProtocol? wanted)
    {
        if (Chosen(facts, wanted) is not { } transport)
        {
            return null;
        }

        var identifier = $"dns.edge.{facts.Name}";
        var settings = transport.Protocol == DesignatedProtocol.Https
            ? Dictionary(("DNSProtocol", Text("HTTPS")), ("ServerURL", Text(facts.Url!)), ("ServerAddresses", Addresses(facts)))
            : Dictionary(("DNSProtocol", Text("TLS")), ("ServerName", Text(facts.Name)), ("ServerAddresses", Addresses(facts)));
        var dns = Payload("com.apple.dnsSettings.managed", $"{identifier}.dns", $"{facts.Name} ({(transport.Protocol == DesignatedProtocol.Https ? "DNS over HTTPS" : "DNS over TLS")})", ("DNSSettings", settings));
        XElement[] payloads = facts.Root is null ? [dns] : [Root(facts.Root, identifier), dns];
        var profile = Payload("Configuration", identifier, $"DNS of {facts.Name}", ("PayloadContent", new XElement("array", payloads)), ("PayloadScope", Text("System")));
        var document = new XDocument(new XDocumentType("plist", "-//Apple//DTD PLIST 1.0//EN", "http://www.apple.com/DTDs/PropertyList-1.0.dtd", null), new XElement("plist", new XAttribute("version", "1.0"), profile));
        return $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{document}\n";
    }

    private static DesignatedTransport? Chosen(ResolverFacts facts, DesignatedProtocol? wanted)
    {
        var tls = facts.Tls is { } served && served.Port == served.UsualPort ? served : null;
        return wanted switch { DesignatedProtocol.Tls => tls, DesignatedProtocol.Https => facts.Https, _ => facts.Https ?? tls };
    }

    private static XElement Root(string pem, string identifier)
    {
        var fields = PemEncoding.Find(pem);
        return Payload("com.apple.security.root", $"{identifier}.ca", "Edge's own CA", ("PayloadContent", new XElement("data", pem[fields.Base64Data].ReplaceLineEndings(""))));
    }

    private static XElement Payload(string type, string identifier, string name, params (string Key, XElement Value)[] more) => Dictionary(
    [
        ("PayloadType", Text(type)),
        ("PayloadIdentifier", Text(identifier)),
        ("PayloadUUID", Text(Uuid($"{type} {identifier}"))),
        ("PayloadDisplayName", Text(name)),
        ("PayloadVersion", new XElement("integer", 1)),
        .. more,
    ]);

    private static XElement Addresses(ResolverFacts facts) => new("array", facts.Addresses.Select(address => Text(address.ToString())));

    private static XElement Dictionary(params (string Key, XElement Value)[] entries) => new("dict", entries.Select(entry => new[] { new XElement("key", entry.Key), entry.Value }));

    private static XElement Text(string text) => new("string", text);

    // RFC 9562 §5.8: bits of our own choice, here of a hash of what is identified.
    private static string Uuid(string identified)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes(identified))[..16];
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString().ToUpperInvariant();
    }
}
