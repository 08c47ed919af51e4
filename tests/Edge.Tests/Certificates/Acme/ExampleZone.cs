using System.Net;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Tests.Certificates.Acme;

/// <summary>example.test with a wildcard alias below nas, as a newcomer's zone file has it.</summary>
internal sealed class ExampleZone : IZoneSource
{
    private static readonly Name Origin = Dns.Wire.Name.Parse("example.test");
    private static readonly Name NameServer = Origin.Prepend("ns");
    private static readonly Name Nas = Origin.Prepend("nas");

    public event Action? Changed
    {
        add { }
        remove { }
    }

    public string Name => "files";

    public ZoneContribution Current { get; } = new(
        [
            new DeclaredZone(Origin, null,
                [
                    new(Origin, RecordType.SOA, 300, RData.Soa(NameServer, Origin.Prepend("hostmaster"), 1, 7200, 600, 86400, 60)),
                    new(Origin, RecordType.NS, 300, RData.Target(NameServer)),
                    new(NameServer, RecordType.A, 300, RData.Address(IPAddress.Loopback)),
                    new(Nas, RecordType.A, 300, RData.Address(IPAddress.Loopback)),
                    new(Nas.Prepend("*"), RecordType.CNAME, 300, RData.Target(Nas)),
                    new(Origin.Prepend("alias"), RecordType.A, 300, RData.Address(IPAddress.Loopback)),
                    new(Origin.Prepend("alias").Prepend("_acme-challenge"), RecordType.CNAME, 300, RData.Target(Origin.Prepend("step"))),
                    new(Origin.Prepend("step"), RecordType.CNAME, 300, RData.Target(Origin.Prepend("acme").Prepend("here"))),
                ]),
        ],
        []);
}
