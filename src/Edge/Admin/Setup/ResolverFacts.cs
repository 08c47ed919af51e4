using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Edge.Certificates;
using Edge.Dns.Listeners;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Names;
using Edge.Names.Designation;

namespace Edge.Admin.Setup;

/// <summary>What clients have to know of this resolver, as edge.yaml has it.</summary>
internal sealed record ResolverFacts
{
    /// <summary>The name that our certificate is for.</summary>
    public required string Name { get; init; }

    /// <summary>Where clients of the LAN reach this box.</summary>
    public required ImmutableArray<IPAddress> Addresses { get; init; }

    /// <summary>The encrypted listeners that they reach.</summary>
    public required ImmutableArray<DesignatedTransport> Transports { get; init; }

    /// <summary>The root of our own CA in PEM; null where certificates come from a public CA or the root is not there yet.</summary>
    public required string? Root { get; init; }

    /// <summary>What is missing and what to do, one sentence each.</summary>
    public required ImmutableArray<string> Missing { get; init; }

    public IEnumerable<IPAddress> V4 => Addresses.Where(address => address.AddressFamily == AddressFamily.InterNetwork);

    public IEnumerable<IPAddress> V6 => Addresses.Where(address => address.AddressFamily == AddressFamily.InterNetworkV6);

    public Name DomainName => Dns.Wire.Name.Parse(Name);

    public DesignatedTransport? Tls => Transports.FirstOrDefault(transport => transport.Protocol == DesignatedProtocol.Tls);

    public DesignatedTransport? Https => Transports.FirstOrDefault(transport => transport.Protocol == DesignatedProtocol.Https);

    /// <summary>"https://nas.example.com/dns-query", null where HTTPS does not answer DNS.</summary>
    public string? Url => Https is { } https ? $"https://{Name}{(https.Port == https.UsualPort ? "" : $":{https.Port}")}/dns-query" : null;

    public static ResolverFacts Of(EdgeOptions options, Func<ImmutableArray<IPAddress>> machine)
    {
        var transports = options.Dns.Transports;
        var addresses = ViewAddresses.Resolve(options.Views, machine, [], () => options.Prefix.Current(InterfaceAddress.Read)).Single(view => view.View == ViewOptions.Lan).Addresses;
        var listeners = new EncryptedListeners(
            transports.Tls, transports.Https ? options.Gateway.Https : [], options.PublicHttpsPort, EncryptedEndPoints.QuicIsSupported ? transports.Quic : []);
        var isInternal = options.Certificates.Issuers.IsEmpty;
        var root = CertificateAuthority.RootPath(options.PathOf(options.Data));
        var facts = new ResolverFacts
        {
            Name = options.NodeHost,
            Addresses = addresses,
            Transports = listeners.At(addresses),
            Root = isInternal && File.Exists(root) ? File.ReadAllText(root) : null,
            Missing = [],
        };
        return facts with { Missing = [.. facts.WhatIsMissing(options, isInternal)] };
    }

    private IEnumerable<string> WhatIsMissing(EdgeOptions options, bool isInternal)
    {
        if (Addresses.IsEmpty)
        {
            yield return "This box has no address in the LAN: say views.lan.addresses.";
        }

        if (Addresses.Length > 0 && !options.Dns.Listen.Any(endPoint => endPoint.Port == 53 && (endPoint.Address.Equals(IPAddress.Any) || endPoint.Address.Equals(IPAddress.IPv6Any) || Addresses.Contains(endPoint.Address))))
        {
            yield return "No client finds plain DNS here: it is asked at port 53 of the addresses above; say dns.listen: [\"0.0.0.0:53\", \"[::]:53\"].";
        }

        foreach (var record in DeclaredAddresses.Contradicting(DeclaredAddresses.Of(options, DomainName), Addresses))
        {
            yield return $"DNS answers another address for {Name} than the ones above: {RecordText.Format(record)} ({record.Source}); say the same there and in views.lan.addresses.";
        }

        if (Tls is null)
        {
            yield return "DNS over TLS is not served for the LAN: say dns.tls-listen: [\"0.0.0.0:853\", \"[::]:853\"]. Android and systemd-resolved need it.";
        }
        else if (Tls.Port != Tls.UsualPort)
        {
            yield return $"DNS over TLS is at port {Tls.Port}: Android and Apple's profiles know only {Tls.UsualPort}.";
        }

        if (Https is null)
        {
            yield return options.Dns.Transports.Https
                ? "DNS over HTTPS is not served for the LAN: gateway.https listens at no address of it; say gateway.https: [\"0.0.0.0:443\", \"[::]:443\"]. Browsers and Windows need it."
                : "DNS over HTTPS is switched off: dns.https. Browsers and Windows need it.";
        }

        if (isInternal)
        {
            yield return "The certificate is of Edge's own CA: clients have to trust its root first (\"edge ca > edge-ca.pem\"; the Apple profile brings it along). "
                + "Android's private DNS takes public CAs only: configure certificates.acme.";
        }
    }
}
