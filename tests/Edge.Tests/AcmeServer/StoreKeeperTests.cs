using System.Collections.Immutable;
using System.Net;
using Edge.AcmeServer;
using Edge.Stores;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Edge.Tests.AcmeServer;

/// <summary>One device that has lost its mind takes nothing from the others, and what nobody uses is forgotten.</summary>
public sealed class StoreKeeperTests : IAsyncDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private static readonly IPAddress Client = IPAddress.Parse("192.168.1.30");
    private static readonly IPAddress Other = IPAddress.Parse("192.168.1.31");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 28, 12, 0, 0, TimeSpan.Zero));
    private readonly MemoryStore _memory;
    private readonly AcmeServerStore _store;
    private readonly StoreKeeper _keeper;
    private int _next;

    public StoreKeeperTests()
    {
        _memory = new MemoryStore(_time, NullLogger<MemoryStore>.Instance);
        _store = new AcmeServerStore(_memory);
        _keeper = new StoreKeeper(_store, Network, _time);
    }

    [Theory]
    [InlineData("the same account from anywhere", "loop", "192.168.1.99", false)]
    [InlineData("the same address with any account", "other", "192.168.1.30", false)]
    [InlineData("another device", "other", "192.168.1.31", true)]
    public async Task A_client_that_orders_without_end_is_stopped_and_no_other(string who, string account, string client, bool expected)
    {
        await OrderAsync(300, "pending");
        Assert.True(expected == await _keeper.HasRoomForOrderAsync(account, IPAddress.Parse(client), Cancel), who);
    }

    [Fact]
    public async Task A_client_has_all_addresses_of_its_network()
    {
        await OrderAsync(300, "pending", "fd00:0:0:1::1");
        Assert.False(await _keeper.HasRoomForOrderAsync("other", IPAddress.Parse("fd00:0:0:1::2"), Cancel));
        Assert.True(await _keeper.HasRoomForOrderAsync("other", IPAddress.Parse("fd00:0:0:2::1"), Cancel));
    }

    [Theory]
    [InlineData("invalid", 0)]
    [InlineData("valid", 25)]
    [InlineData("pending", 25)]
    public async Task What_came_to_nothing_or_is_over_makes_room_at_once_when_there_is_none(string status, int hours)
    {
        await OrderAsync(5000, status);
        _time.Advance(TimeSpan.FromHours(hours));
        Assert.True(await _keeper.HasRoomForOrderAsync("other", Other, Cancel));
        Assert.Empty(await _store.OrdersAsync(Cancel));
    }

    [Fact]
    public async Task While_there_is_room_a_client_may_still_look_at_what_failed()
    {
        await OrderAsync(400, "invalid");
        Assert.True(await _keeper.HasRoomForOrderAsync("loop", Client, Cancel));
        Assert.Equal(400, (await _store.OrdersAsync(Cancel)).Count);
        _time.Advance(TimeSpan.FromDays(9));
        Assert.True(await _keeper.HasRoomForOrderAsync("loop", Client, Cancel));
        Assert.Empty(await _store.OrdersAsync(Cancel));
    }

    [Theory]
    [InlineData("unused", 179, true)]
    [InlineData("unused", 181, false)]
    [InlineData("used lately", 181, true)]
    [InlineData("holds a certificate", 181, true)]
    public async Task An_account_that_nobody_uses_is_forgotten_after_half_a_year(string which, int days, bool isKept)
    {
        var account = new ServerAccount { Id = "a", Key = "{}", Created = _time.GetUtcNow(), From = "192.168.1.30" };
        await _store.PutAsync(account, Edge.Acme.JsonWebKey.Thumbprint("{}"), Cancel);
        _time.Advance(TimeSpan.FromDays(days));
        if (which == "used lately")
        {
            await _store.UseAsync("a", _time.GetUtcNow().AddDays(-100), Cancel);
        }
        else if (which == "holds a certificate")
        {
            await _store.PutAsync(new ServerCertificate { Serial = "01", Account = "a", Names = ["tv.local"], Pem = "", NotBefore = account.Created, NotAfter = _time.GetUtcNow().AddDays(1) }, Cancel);
        }

        Assert.True(await _keeper.HasRoomForAccountAsync(Cancel));
        Assert.Equal(isKept, await _store.AccountOfKeyAsync(Edge.Acme.JsonWebKey.Thumbprint("{}"), Cancel) is not null);
        Assert.Equal(isKept, await _store.AccountAsync("a", Cancel) is not null);
    }

    [Fact]
    public void An_hour_brings_a_client_its_number_of_orders_from_whichever_address_of_its_network()
    {
        var limits = new ClientLimits(Network, _time);
        var allowed = Enumerable.Range(1, 200).Count(host => limits.MayOrder(IPAddress.Parse($"fd00::1:{host:x}")));
        Assert.Equal(120, allowed);
        Assert.True(limits.MayOrder(IPAddress.Parse("fd00:0:0:1::1")));
    }

    public async ValueTask DisposeAsync()
    {
        _store.Dispose();
        await _memory.DisposeAsync();
    }

    private static IPNetwork Network(IPAddress client) => Edge.Access.ClientKey.Of(client).ToNetwork();

    private async Task OrderAsync(int times, string status, string? client = null)
    {
        for (var i = 0; i < times; i++)
        {
            await _store.PutAsync(
                new ServerOrder
                {
                    Id = $"{_next++}",
                    Account = "loop",
                    Client = client ?? Client.ToString(),
                    Names = ["tv.local"],
                    Authorizations = [new ServerAuthorization { Name = "tv.local", Token = "t", Status = status == "invalid" ? "invalid" : "pending" }],
                    Expires = _time.GetUtcNow().AddDays(1),
                    Certificate = status == "valid" ? "01" : null,
                },
                Cancel);
        }
    }
}
