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
        _keeper = new StoreKeeper(_store, new AcmeServerOptions(), _time);
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

    /// <summary>A LAN is one /64: its devices are told apart by their whole addresses.</summary>
    [Fact]
    public async Task What_one_device_orders_keeps_no_other_of_the_same_network_from_it()
    {
        await OrderAsync(300, "pending", "fd00:0:0:1::1");
        Assert.True(await _keeper.HasRoomForOrderAsync("other", IPAddress.Parse("fd00:0:0:1::2"), Cancel));
        Assert.False(await _keeper.HasRoomForOrderAsync("other", IPAddress.Parse("fd00:0:0:1::1"), Cancel));
    }

    [Fact]
    public async Task Orders_that_brought_their_certificate_take_no_place()
    {
        await OrderAsync(300, "valid");
        Assert.True(await _keeper.HasRoomForOrderAsync("loop", Client, Cancel));
    }

    [Theory]
    [InlineData("invalid", 0)]
    [InlineData("valid", 25)]
    [InlineData("valid", 2)]
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
    [InlineData("deactivated", 181, true)]
    [InlineData("let in by a key", 181, true)]
    [InlineData("holds a certificate", 181, true)]
    public async Task An_account_that_nobody_uses_is_forgotten_after_half_a_year(string which, int days, bool isKept)
    {
        var account = new ServerAccount { Id = "a", Key = "{}", Created = _time.GetUtcNow(), From = "192.168.1.30", Deactivated = which == "deactivated", Bound = which == "let in by a key" };
        await _store.PutAsync(account, Edge.Acme.JsonWebKey.Thumbprint("{}"), Cancel);
        _time.Advance(TimeSpan.FromDays(days));
        if (which == "used lately")
        {
            await _store.ChangeAccountAsync("a", one => one with { Used = _time.GetUtcNow().AddDays(-100) }, Cancel);
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
    public async Task An_account_that_orders_for_the_first_time_in_half_a_year_is_not_cleaned_away_by_its_own_order()
    {
        await using var server = await RunningAcmeServer.StartAsync(_time);
        var key = DeviceKey.Create(server.Folder, "P-256");
        var account = await server.RegisterAsync(key);
        _time.Advance(TimeSpan.FromDays(181));
        var order = await server.SignedAsync(key, account, "new-order", """{"identifiers":[{"type":"dns","value":"tv.local"}]}""");
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (order.Status, (await server.SignedAsync(key, account, order.Location!, "")).Status));
    }

    [Theory]
    [InlineData("never", 2, false)]
    [InlineData("five days ago", 30, true)]
    [InlineData("deactivated", 30, true)]
    public async Task Where_there_is_room_for_no_account_those_that_were_never_used_make_it(string used, int days, bool isKept)
    {
        for (var i = 0; i < 5000; i++)
        {
            await _store.PutAsync(new ServerAccount { Id = $"{i}", Key = $"{i}", Created = _time.GetUtcNow(), From = "192.168.1.30", Deactivated = used == "deactivated" }, Edge.Acme.JsonWebKey.Thumbprint($"{i}"), Cancel);
        }

        _time.Advance(TimeSpan.FromDays(days));
        if (used == "five days ago")
        {
            for (var i = 0; i < 5000; i++)
            {
                await _store.ChangeAccountAsync($"{i}", one => one with { Used = _time.GetUtcNow().AddDays(-5) }, Cancel);
            }
        }

        Assert.Equal(!isKept, await _keeper.HasRoomForAccountAsync(Cancel));
        Assert.Equal(isKept, await _store.AccountAsync("7", Cancel) is not null);
    }

    [Theory]
    [InlineData("192.168.1.30", "192.168.1.31")]
    [InlineData("fd00::1:1", "fd00::1:2")]
    public void An_hour_brings_a_client_its_number_of_orders_and_no_other_less(string client, string other)
    {
        var limits = new ClientLimits(_time);
        Assert.Equal(120, Enumerable.Range(0, 200).Count(_ => limits.MayOrder(IPAddress.Parse(client))));
        Assert.True(limits.MayOrder(IPAddress.Parse(other)));
    }

    public async ValueTask DisposeAsync()
    {
        _store.Dispose();
        await _memory.DisposeAsync();
    }

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
