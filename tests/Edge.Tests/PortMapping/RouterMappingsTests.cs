using System.Collections.Immutable;
using System.Net;
using Edge.PortMapping;
using Edge.Tests.Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Edge.Tests.PortMapping;

/// <summary>Mappings at a router that answers as it likes: which protocol, when again, and what is ours to remove.</summary>
public sealed class RouterMappingsTests : IDisposable
{
    private static readonly ImmutableArray<WantedMapping> Wanted = [new(MappingProtocol.Tcp, 8443, 443, "https"), new(MappingProtocol.Tcp, 8080, 80, "http")];
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Pcp_comes_first_and_a_mapping_is_prolonged_at_half_of_its_life()
    {
        using var router = new FakeRouter(asked => [FakeRouter.PcpAnswer(asked, epoch: Epoch)]);
        using var mappings = Mappings(router);
        await LookAsync(mappings, router);
        Assert.Equal(("PCP", "5.5.5.2", 2), (mappings.Protocol, mappings.Address?.ToString(), mappings.Mappings.Count(one => one.IsMade)));
        var before = mappings.Mappings.Single(one => one.Wanted.External == 80).Until;
        _time.Advance(TimeSpan.FromMinutes(29));
        await LookAsync(mappings, router);
        Assert.Equal(before, mappings.Mappings.Single(one => one.Wanted.External == 80).Until);
        _time.Advance(TimeSpan.FromMinutes(2));
        await LookAsync(mappings, router);
        Assert.Equal(before + TimeSpan.FromMinutes(31), mappings.Mappings.Single(one => one.Wanted.External == 80).Until);
    }

    [Fact]
    public async Task A_router_of_nat_pmp_says_so_and_is_spoken_to_in_it()
    {
        using var router = new FakeRouter(asked => [asked[0] == 2 ? [0, (byte)(128 + asked[1]), 0, 1, 0, 0, 0, 9] : FakeRouter.NatPmpAnswer(asked, epoch: Epoch)]);
        using var mappings = Mappings(router);
        await LookAsync(mappings, router);
        Assert.Equal(("NAT-PMP", "5.5.5.2", 2), (mappings.Protocol, mappings.Address?.ToString(), mappings.Mappings.Count(one => one.IsMade)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_router_that_started_anew_is_asked_for_all_of_them_again(bool isPcp)
    {
        var epoch = 100_000u;
        using var router = new FakeRouter(asked => [isPcp ? FakeRouter.PcpAnswer(asked, epoch: epoch) : FakeRouter.NatPmpAnswer(asked, epoch: epoch)]);
        using var mappings = Mappings(router);
        var options = new PortMappingOptions { Maps = true, Protocols = [isPcp ? "pcp" : "nat-pmp"] };
        await mappings.LookAsync(router.EndPoint.Address, options, Wanted, Cancel);
        epoch = 1;
        router.Asked.Clear();
        await mappings.LookAsync(router.EndPoint.Address, options, Wanted, Cancel);
        Assert.Equal([443, 80], Requests(router, isPcp).Distinct().OrderDescending());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Another_port_than_the_one_asked_for_is_given_back_and_told(bool isPcp)
    {
        using var router = new FakeRouter(asked => [isPcp ? FakeRouter.PcpAnswer(asked, port: 50001, epoch: Epoch) : FakeRouter.NatPmpAnswer(asked, port: 50001, epoch: Epoch)]);
        using var mappings = Mappings(router);
        await mappings.LookAsync(router.EndPoint.Address, new PortMappingOptions { Maps = true, Protocols = [isPcp ? "pcp" : "nat-pmp"] }, [Wanted[0]], Cancel);
        var status = Assert.Single(mappings.Mappings);
        Assert.Equal(MapOutcome.Taken, status.Outcome);
        Assert.Contains("50001", status.Reason, StringComparison.Ordinal);
        Assert.Contains(router.Asked, asked => asked.Skip(isPcp ? 4 : 8).Take(4).All(one => one == 0));
    }

    [Fact]
    public async Task What_does_not_carry_our_nonce_is_not_believed()
    {
        using var router = new FakeRouter(asked =>
        {
            var forged = FakeRouter.PcpAnswer(asked, address: "6.6.6.6", epoch: Epoch);
            forged[24] ^= 1;
            return [forged, [1, 2, 3], FakeRouter.PcpAnswer(asked, epoch: Epoch)];
        });
        using var mappings = Mappings(router);
        await LookAsync(mappings, router);
        Assert.Equal("5.5.5.2", mappings.Address?.ToString());
    }

    [Fact]
    public async Task The_next_process_shows_the_same_nonce_and_removes_what_is_wanted_no_longer()
    {
        using var router = new FakeRouter(asked => [FakeRouter.PcpAnswer(asked, epoch: Epoch)]);
        using (var first = Mappings(router))
        {
            await LookAsync(first, router);
        }

        var nonce = router.Asked[0][24..36];
        router.Asked.Clear();
        using var second = Mappings(router);
        await second.LookAsync(router.EndPoint.Address, new PortMappingOptions { Maps = true }, [Wanted[0]], Cancel);
        Assert.All(router.Asked, asked => Assert.Equal(nonce, asked[24..36]));
        Assert.Contains(router.Asked, asked => asked[4..8].All(one => one == 0) && asked[41] == (8080 & 0xFF));
    }

    [Fact]
    public async Task At_the_end_all_of_them_are_removed()
    {
        using var router = new FakeRouter(asked => [FakeRouter.PcpAnswer(asked, epoch: Epoch)]);
        using var mappings = Mappings(router);
        await LookAsync(mappings, router);
        router.Asked.Clear();
        await mappings.RemoveAllAsync(router.EndPoint.Address, new PortMappingOptions(), Cancel);
        Assert.Equal(2, router.Asked.Count(asked => asked[4..8].All(one => one == 0)));
        router.Asked.Clear();
        await mappings.RemoveAllAsync(router.EndPoint.Address, new PortMappingOptions(), Cancel);
        Assert.Empty(router.Asked);
    }

    [Fact]
    public async Task A_router_that_has_no_address_refuses_and_says_so()
    {
        // As miniupnpd does behind another router: NO_RESOURCES by PCP, "network failure" by NAT-PMP.
        using var router = new FakeRouter(asked => [asked[0] == 2 ? FakeRouter.PcpAnswer(asked, result: 8) : FakeRouter.NatPmpAnswer(asked, result: 3, address: "0.0.0.0")]);
        using var mappings = Mappings(router);
        await LookAsync(mappings, router);
        Assert.Equal(("NAT-PMP", true, null), (mappings.Protocol, mappings.IsWithoutAddress, mappings.Address));
        Assert.All(mappings.Mappings, status => Assert.Equal(MapOutcome.Refused, status.Outcome));
    }

    [Fact]
    public async Task A_router_that_answers_nothing_known_is_no_router()
    {
        using var mappings = Mappings(null);
        await mappings.LookAsync(IPAddress.Loopback, new PortMappingOptions { Maps = true, Protocols = ["pcp", "nat-pmp"] }, Wanted, Cancel);
        Assert.Null(mappings.Protocol);
        Assert.Empty(mappings.Mappings);
    }

    private uint Epoch => (uint)(_time.GetUtcNow() - _time.Start).TotalSeconds + 100;

    // The ports of requests for a mapping.
    private static IEnumerable<int> Requests(FakeRouter router, bool isPcp) =>
        router.Asked.Where(asked => asked.Length > 2).Select(asked => isPcp ? (asked[42] << 8) | asked[43] : (asked[6] << 8) | asked[7]);

    private static Task LookAsync(RouterMappings mappings, FakeRouter router) =>
        mappings.LookAsync(router.EndPoint.Address, new PortMappingOptions { Maps = true, Protocols = ["pcp", "nat-pmp"] }, Wanted, Cancel);

    // Where nobody listens: port 1.
    private RouterMappings Mappings(FakeRouter? router)
    {
        var file = MappingFile.Open(Path.Combine(_folder.Path, "port-mappings.json"), NullLogger.Instance);
        return new RouterMappings(file, new RouterFinder(file.Nonce, router?.EndPoint.Port ?? 1, _time), _time, NullLogger.Instance);
    }
}
