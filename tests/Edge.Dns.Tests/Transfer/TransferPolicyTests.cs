using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Transfer;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Transfer;

public sealed class TransferPolicyTests
{
    [Fact]
    public void What_a_zone_says_of_a_secondary_goes_before_what_a_catalog_says_of_it()
    {
        var (one, other) = (IPEndPoint.Parse("192.0.2.1:53"), IPEndPoint.Parse("192.0.2.2:53"));
        var (zone, catalog) = (Name.Parse("example.com."), Name.Parse("catalog.example."));
        var strict = new TransferPeer(one, TlsOnly: true);
        var policy = new TransferPolicy(
            [KeyValuePair.Create(zone, ImmutableArray.Create(strict))], [], [new CatalogSetting(catalog, "public", null, [new TransferPeer(one), new TransferPeer(other)])]);
        Assert.Equal([strict, new TransferPeer(other)], policy.Peers(zone));
        Assert.Equal([new TransferPeer(one), new TransferPeer(other)], policy.Peers(catalog));
    }
}
