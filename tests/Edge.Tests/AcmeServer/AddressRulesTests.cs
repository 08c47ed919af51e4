using System.Collections.Immutable;
using System.Net;
using Edge.AcmeServer;
using Edge.Certificates;
using Edge.Dns.Wire;
using Edge.Stores;
using Edge.Tests.Certificates;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Tests.AcmeServer;

/// <summary>RFC 8738 §3, and who may have which address.</summary>
public sealed class AddressRulesTests
{
    [Theory]
    [InlineData("FD77:77:0:0:0:0:0:99", "fd77:77::99")]
    [InlineData("fd77:0:0:1::99", "fd77:0:0:1::99")]
    [InlineData("192.168.1.030", "192.168.1.030")]
    [InlineData("[fd00::30]", "[fd00::30]")]
    [InlineData("fe80::1%1", "fe80::1%1")]
    [InlineData("::nonsense", "::nonsense")]
    public void IPv6_may_be_written_in_any_way_and_is_had_in_one(string asked, string canonical) => Assert.Equal(canonical, AddressRules.Canonical(asked));

    [Theory]
    [InlineData("192.168.1.30", "192.168.1.30", null)]
    [InlineData("fd00::30", "fd00::30", null)]
    [InlineData("203.0.113.30", "203.0.113.30", null)]
    [InlineData("192.168.1.31", "192.168.1.30", "is not the address that asks, 192.168.1.30")]
    [InlineData("fd00::30", "192.168.1.30", "is not the address that asks")]
    [InlineData("192.168.1.10", "192.168.1.10", "is an address of this box")]
    [InlineData("127.0.0.1", "127.0.0.1", "more than one machine has")]
    [InlineData("::1", "::1", "more than one machine has")]
    [InlineData("fe80::1", "fe80::1", "more than one machine has")]
    [InlineData("169.254.3.3", "169.254.3.3", "more than one machine has")]
    [InlineData("0.0.0.0", "192.168.1.30", "more than one machine has")]
    [InlineData("224.0.0.251", "192.168.1.30", "more than one machine has")]
    [InlineData("255.255.255.255", "192.168.1.30", "more than one machine has")]
    [InlineData("ff02::1", "fd00::30", "more than one machine has")]
    [InlineData("192.168.1.030", "192.168.1.30", "is not an address as RFC 1123")]
    [InlineData("192.168.286", "192.168.1.30", "is not an address as RFC 1123")]
    [InlineData("0xc0a8011e", "192.168.1.30", "is not an address as RFC 1123")]
    [InlineData("fd00:0::30", "fd00::30", "is not an address as RFC 1123")]
    [InlineData("::ffff:192.168.1.30", "192.168.1.30", "is not an address as RFC 1123")]
    [InlineData("[fd00::30]", "fd00::30", "is not an address as RFC 1123")]
    [InlineData("fd00::30%1", "fd00::30", "is not an address as RFC 1123")]
    [InlineData("192.168.1.0/24", "192.168.1.30", "is not an address as RFC 1123")]
    [InlineData("tv.local", "192.168.1.30", "is not an address as RFC 1123")]
    [InlineData("", "192.168.1.30", "is not an address as RFC 1123")]
    public void A_device_gets_its_own_address_alone(string asked, string client, string? refused)
    {
        using var folder = new TemporaryFolder();
        using var authority = CertificateAuthority.Open(folder.Path, "nas.example.com", TimeProvider.System, NullLogger.Instance);
        var why = new AddressRules(new AcmeServerSetup
        {
            Options = new AcmeServerOptions { Enabled = true },
            Node = "nas.example.com",
            Authority = authority,
            Store = new MemoryStore(TimeProvider.System, NullLogger<MemoryStore>.Instance),
            IsLan = _ => true,
            IsOurs = _ => true,
            IsServed = _ => false,
            ServesBelow = _ => false,
            IsOwnAddress = address => address.Equals(IPAddress.Parse("192.168.1.10")),
            Ask = (_, _, _, _) => Task.FromResult(ImmutableArray<RData>.Empty),
            AskAnew = (_, _, _, _) => Task.FromResult(ImmutableArray<RData>.Empty),
            Time = TimeProvider.System,
            Log = NullLogger.Instance,
        }).Why(asked, IPAddress.Parse(client));
        if (refused is null)
        {
            Assert.Null(why);
        }
        else
        {
            Assert.Contains(refused, why, StringComparison.Ordinal);
        }
    }
}
