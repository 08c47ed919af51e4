using System.Net;
using Edge.Access;
using Edge.Dns.Nameserver;
using Edge.Stores;
using Edge.Tests.Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Tests.Access;

/// <summary>When an address is banned, for how long, and what is kept of it.</summary>
public sealed class BanManagerTests : IAsyncDisposable
{
    private static readonly IPAddress Stranger = IPAddress.Parse("203.0.113.9");
    private static readonly IPNetwork House = IPNetwork.Parse("2001:db8::/56");

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly LogLines _log = new();
    private readonly CancellationTokenSource _end = new();
    private readonly MemoryStore _store;
    private readonly List<Task> _running = [];

    public BanManagerTests() => _store = new MemoryStore(_time, NullLogger<MemoryStore>.Instance);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_running);
        await _store.DisposeAsync();
        _end.Dispose();
    }

    [Theory]
    [InlineData("Auth", 10)]
    [InlineData("Denied", 50)]
    [InlineData("NotFound", 200)]
    [InlineData("Rate", 500)]
    [InlineData("Dns", 1000)]
    public async Task Too_much_of_one_kind_bans(string kind, int most)
    {
        var bans = await StartAsync();
        await NoteAsync(bans, Stranger, Enum.Parse<OffenceKind>(kind), most);
        Assert.False(bans.Holds(Stranger));

        await NoteAsync(bans, Stranger, Enum.Parse<OffenceKind>(kind), 1);
        await Eventually.TrueAsync(() => bans.Holds(Stranger), () => string.Join('\n', _log.Lines));
        Assert.Equal(BanOptions.Word(Enum.Parse<OffenceKind>(kind)), Assert.Single(bans.All).Reason);
        Assert.False(bans.Holds(IPAddress.Parse("203.0.113.10")));
    }

    [Fact]
    public async Task What_is_spread_over_time_bans_nobody()
    {
        var bans = await StartAsync();
        for (var i = 0; i < 100; i++)
        {
            await NoteAsync(bans, Stranger, OffenceKind.Auth, 1);
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Empty(bans.All);
    }

    [Fact]
    public async Task Each_ban_is_longer_than_the_one_before_until_the_longest()
    {
        var bans = await StartAsync();
        var lengths = new List<TimeSpan>();
        for (var i = 0; i < 7; i++)
        {
            await BanAsync(bans, Stranger);
            lengths.Add(Assert.Single(bans.All).Until - _time.GetUtcNow());
            _time.Advance(lengths[^1]);
            Assert.False(bans.Holds(Stranger));
        }

        Assert.Equal(["00:10:00", "00:40:00", "02:40:00", "10:40:00", "1.18:40:00", "7.00:00:00", "7.00:00:00"], lengths.Select(length => length.ToString()));
        _time.Advance(TimeSpan.FromDays(31));
        await BanAsync(bans, Stranger);
        Assert.Equal(1, Assert.Single(bans.All).Times);
    }

    [Theory]
    [InlineData("192.168.1.20")]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("198.51.100.200")]
    public async Task Who_is_of_the_LAN_or_trusted_is_never_banned(string client)
    {
        var bans = await StartAsync(new BanOptions { Never = [.. BanOptions.Loopback, IPNetwork.Parse("198.51.100.0/24")] });
        await NoteAsync(bans, IPAddress.Parse(client), OffenceKind.Auth, 100);
        await BanAsync(bans, Stranger);

        Assert.Equal("203.0.113.9/32", Assert.Single(bans.All).Network.ToString());
        Assert.True(bans.IsExempt(Ban.Parse(client)!.Value));
        // What is made known of them stays bounded as well.
        Assert.Equal(10, _log.Lines.Count(line => line.Contains($"by {client} at", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task IPv6_is_banned_by_its_64()
    {
        var bans = await StartAsync();
        await BanAsync(bans, IPAddress.Parse("2001:db8:1:2::1"));

        Assert.Equal("2001:db8:1:2::/64", Assert.Single(bans.All).Network.ToString());
        Assert.True(bans.Holds(IPAddress.Parse("2001:db8:1:2:3::99")));
    }

    [Fact]
    public async Task Bans_last_over_a_restart_and_so_does_the_memory_of_those_that_ended()
    {
        var before = await StartAsync();
        await BanAsync(before, Stranger);
        await before.AddAsync(IPNetwork.Parse("198.51.100.0/24"), "scanner", Ban.ByAdmin, TimeSpan.FromDays(3), Cancel);
        await before.RemoveAsync(IPNetwork.Parse("198.51.100.0/24"), Cancel);
        await before.AddAsync(IPNetwork.Parse("198.51.101.0/24"), "scanner", Ban.ByAdmin, TimeSpan.FromDays(3), Cancel);

        var after = await StartAsync();
        Assert.Equal(before.All, after.All);
        Assert.True(after.Current.Contains(ClientAddress.From(IPAddress.Parse("198.51.101.77"))));
        Assert.False(after.Holds(IPAddress.Parse("198.51.100.77")));
        _time.Advance(TimeSpan.FromMinutes(10));
        await BanAsync(after, Stranger);
        Assert.Equal(2, after.All.Single(ban => ban.Source == Ban.ByEdge).Times);
    }

    [Fact]
    public async Task Who_is_never_banned_from_now_on_is_let_in_whoever_banned_them()
    {
        var bans = await StartAsync();
        await BanAsync(bans, Stranger);
        var fed = IPNetwork.Parse("198.51.100.9/32");
        bans.Feed(System.Collections.Immutable.ImmutableDictionary<IPNetwork, Ban>.Empty.Add(fed, new Ban(fed, _time.GetUtcNow().AddHours(1), "scan", Ban.ByCrowdSec, 1)));
        Assert.True(bans.Holds(fed.BaseAddress));

        bans.Use(new BanOptions { Never = [IPNetwork.Parse("203.0.113.0/24"), fed] });
        Assert.False(bans.Holds(Stranger) || bans.Holds(fed.BaseAddress));
        Assert.Empty(bans.All);
        bans.Use(new BanOptions());
        Assert.True(bans.Holds(Stranger) && bans.Holds(fed.BaseAddress));
    }

    [Theory]
    [InlineData("NotFound", 200)]
    [InlineData("Denied", 50)]
    public async Task What_a_page_of_another_site_does_in_its_visitors_name_counts_a_tenth_and_is_no_line_of_the_log(string kind, int most)
    {
        var bans = await StartAsync();
        await NoteAsync(bans, Stranger, Enum.Parse<OffenceKind>(kind), most * 10, isEmbedded: true);
        Assert.False(bans.Holds(Stranger));
        Assert.DoesNotContain(_log.Lines, line => line.Contains("5240", StringComparison.Ordinal));

        await NoteAsync(bans, Stranger, Enum.Parse<OffenceKind>(kind), 1, isEmbedded: true);
        Assert.True(bans.Holds(Stranger));
    }

    [Fact]
    public async Task The_first_ban_holds_at_once_and_those_behind_it_together_within_a_second()
    {
        var bans = await StartAsync();
        await BanAsync(bans, Stranger);
        var first = bans.Current;
        for (var i = 1; i <= 20; i++)
        {
            await NoteAsync(bans, IPAddress.Parse($"198.51.100.{i}"), OffenceKind.Auth, 15);
        }

        Assert.Same(first, bans.Current);
        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return Enumerable.Range(1, 20).All(i => bans.Holds(IPAddress.Parse($"198.51.100.{i}")));
            },
            () => $"{bans.All.Length}");
        // More of it while the ban was on its way is the same ban.
        Assert.All(bans.All, ban => Assert.Equal(1, ban.Times));
        await Eventually.TrueAsync(() => _store.ListAsync(BanManager.Prefix, Cancel).AsTask().Result.Entries.Length == 21, () => "not all are kept");
    }

    [Theory]
    [InlineData(7, 1, "")]
    [InlineData(8, 1, "2001:db8::/56")]
    [InlineData(4, 8, "")]
    [InlineData(8, 4, "2001:db8::/56 2001:db8:0:100::/56 2001:db8:0:200::/56 2001:db8:0:300::/56")]
    public async Task Many_64s_of_one_house_are_banned_as_one(int each, int houses, string expected)
    {
        var bans = await StartAsync();
        for (var house = 0; house < houses; house++)
        {
            for (var i = 0; i < each; i++)
            {
                await NoteAsync(bans, IPAddress.Parse($"2001:db8:0:{(house << 8) + i:x}::1"), OffenceKind.Auth, 11);
            }
        }

        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return bans.All.Count(ban => bans.Holds(ban.Network.BaseAddress) && ban.Network.PrefixLength == 64) == each * houses
                    && bans.All.Where(ban => ban.Network.PrefixLength != 64).Select(ban => ban.Network.ToString()).Order(StringComparer.Ordinal).SequenceEqual(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
            },
            () => string.Join('\n', bans.All));
    }

    [Theory]
    [InlineData("2001:db8::/48", "")]
    [InlineData("2001:db8:0:ff::/64", "")]
    [InlineData("2001:db8:0:42:1::/80", "")]
    [InlineData("2001:db8:1::/48", "2001:db8::/56")]
    public async Task Never_as_one_with_somebody_who_is_never_banned(string exempt, string expected)
    {
        foreach (var isLan in (bool[])[true, false])
        {
            var network = IPNetwork.Parse(exempt);
            var bans = await StartAsync(isLan ? null : new BanOptions { Never = [network] }, lan: isLan ? network : null);
            await BanAHouseAsync(bans);
            Assert.Equal(expected, string.Join(' ', bans.All.Where(ban => ban.Network.PrefixLength == 56).Select(ban => ban.Network)));
            Assert.Equal(expected.Length == 0, bans.IsExempt(House));
            foreach (var ban in bans.All)
            {
                await bans.RemoveAsync(ban.Network, Cancel);
            }
        }
    }

    [Fact]
    public async Task An_address_is_found_and_let_in_with_all_that_holds_it_and_the_house_is_not_banned_again_at_once()
    {
        var bans = await StartAsync();
        await BanAHouseAsync(bans);
        var inside = Ban.Parse("2001:db8:0:3::7")!.Value;
        Assert.Equal(["2001:db8:0:3::/64", "2001:db8::/56"], bans.Around(inside).Select(ban => ban.Network.ToString()).Order(StringComparer.Ordinal));

        Assert.Equal(9, (await bans.RemoveAsync(inside, Cancel)).Length);
        Assert.Empty(bans.All);
        Assert.Empty((await _store.ListAsync(BanManager.Prefix, Cancel)).Entries);
        Assert.Empty(await bans.RemoveAsync(inside, Cancel));
        await NoteAsync(bans, IPAddress.Parse("2001:db8:0:9::1"), OffenceKind.Auth, 11);
        await HoldsInASecondAsync(bans, IPAddress.Parse("2001:db8:0:9::1"));
        Assert.Single(bans.All);
    }

    [Fact]
    public async Task Who_alone_of_a_wider_network_is_never_banned_is_let_in_and_the_others_are_not()
    {
        var bans = await StartAsync();
        await bans.AddAsync(IPNetwork.Parse("198.51.100.0/24"), "scanner", Ban.ByAdmin, null, Cancel);
        bans.Use(new BanOptions { Never = [IPNetwork.Parse("198.51.100.7/32")] });

        Assert.True(bans.Holds(IPAddress.Parse("198.51.100.8")));
        Assert.False(bans.Holds(IPAddress.Parse("198.51.100.7")));
        Assert.False(bans.Current.Contains(ClientAddress.From(IPAddress.Parse("198.51.100.7"))));
        Assert.Single(bans.All);
        Assert.Contains(_log.Lines, line => line.Contains("5246", StringComparison.Ordinal) && line.Contains("198.51.100.0/24", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_clock_that_is_set_back_delays_no_ban()
    {
        var clock = new SetClock(_time);
        var bans = await StartAsync(time: clock);
        await BanAsync(bans, Stranger);
        clock.Off = TimeSpan.FromHours(-3);
        var next = IPAddress.Parse("203.0.113.10");
        await NoteAsync(bans, next, OffenceKind.Auth, 11);

        await HoldsInASecondAsync(bans, next);
    }

    [Fact]
    public async Task What_people_say_of_a_ban_that_is_not_kept_yet_is_what_is_kept()
    {
        var bans = await StartAsync();
        await BanAsync(bans, Stranger);
        var (removed, changed) = (IPAddress.Parse("203.0.113.10"), IPAddress.Parse("203.0.113.11"));
        await NoteAsync(bans, removed, OffenceKind.Auth, 11);
        await NoteAsync(bans, changed, OffenceKind.Auth, 11);
        Assert.Equal(3, bans.All.Length);
        await bans.RemoveAsync(new IPNetwork(removed, 32), Cancel);
        await bans.AddAsync(new IPNetwork(changed, 32), "by hand", Ban.ByAdmin, TimeSpan.FromDays(30), Cancel);
        var last = IPAddress.Parse("203.0.113.12");
        await NoteAsync(bans, last, OffenceKind.Auth, 11);
        await HoldsInASecondAsync(bans, last);
        await _end.CancelAsync();
        await Task.WhenAll(_running);

        var after = await LoadedAsync();
        Assert.Equal(bans.All, after.All);
        Assert.False(after.Holds(removed));
        Assert.Equal(Ban.ByAdmin, Assert.Single(after.Around(new IPNetwork(changed, 32))).Source);
    }

    [Fact]
    public async Task The_bans_of_the_last_second_are_kept_as_well()
    {
        var bans = await StartAsync();
        await BanAsync(bans, Stranger);
        await NoteAsync(bans, IPAddress.Parse("203.0.113.10"), OffenceKind.Auth, 11);
        await _end.CancelAsync();
        await Task.WhenAll(_running);

        Assert.Equal(2, (await LoadedAsync()).All.Length);
    }

    [Fact]
    public async Task So_many_bans_are_kept_and_what_people_said_is_the_last_to_go()
    {
        var bans = await StartAsync(mostBans: 20);
        var said = IPNetwork.Parse("198.51.100.0/24");
        await bans.AddAsync(said, "scanner", Ban.ByAdmin, TimeSpan.FromMinutes(1), Cancel);
        for (var i = 1; i <= 30; i++)
        {
            await NoteAsync(bans, IPAddress.Parse($"203.0.113.{i}"), OffenceKind.Auth, 11);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        await Eventually.TrueAsync(() => bans.Holds(IPAddress.Parse("203.0.113.30")), () => string.Join('\n', bans.All));
        Assert.InRange(bans.All.Length, 15, 20);
        Assert.False(bans.Holds(IPAddress.Parse("203.0.113.1")));
        Assert.True(bans.Holds(said.BaseAddress));
        await Eventually.TrueAsync(() => _store.ListAsync(BanManager.Prefix, Cancel).AsTask().Result.Entries.Length <= 20, () => "they are forgotten, and stand in the store");
    }

    [Fact]
    public async Task Off_counts_nothing_but_bans_by_hand_hold()
    {
        var bans = await StartAsync(new BanOptions { On = false });
        await NoteAsync(bans, Stranger, OffenceKind.Auth, 100);
        await bans.AddAsync(IPNetwork.Parse("198.51.100.0/24"), "by hand", Ban.ByAdmin, null, Cancel);

        Assert.False(bans.Holds(Stranger));
        Assert.True(bans.Holds(IPAddress.Parse("198.51.100.1")));
    }

    // Eight /64 of it, until all of them hold.
    private async Task BanAHouseAsync(BanManager bans)
    {
        for (var i = 0; i < 8; i++)
        {
            await NoteAsync(bans, IPAddress.Parse($"2001:db8:0:{i:x}::1"), OffenceKind.Auth, 11);
        }

        await NoteAsync(bans, Stranger, OffenceKind.Auth, 11);
        await HoldsInASecondAsync(bans, Stranger);
        await Eventually.TrueAsync(() => _store.ListAsync(BanManager.Prefix, Cancel).AsTask().Result.Entries.Length == bans.All.Length, () => "not all are kept");
        await bans.RemoveAsync(new IPNetwork(Stranger, 32), Cancel);
    }

    private Task HoldsInASecondAsync(BanManager bans, IPAddress client) => Eventually.TrueAsync(
        () =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return bans.Holds(client);
        },
        () => string.Join('\n', bans.All));

    private async Task<BanManager> StartAsync(BanOptions? options = null, int mostBans = 1000, IPNetwork? lan = null, TimeProvider? time = null)
    {
        var bans = await LoadedAsync(options, mostBans, lan, time);
        _running.Add(bans.RunAsync(_end.Token));
        return bans;
    }

    private async Task<BanManager> LoadedAsync(BanOptions? options = null, int mostBans = 1000, IPNetwork? lan = null, TimeProvider? time = null)
    {
        var bans = new BanManager(new BanSetup
        {
            Options = options ?? new BanOptions(),
            IsLan = client => (lan ?? IPNetwork.Parse("192.168.0.0/16")).Contains(client),
            LanNetworks = () => [lan ?? IPNetwork.Parse("192.168.0.0/16")],
            Store = _store,
            MostBans = mostBans,
            Time = time ?? _time,
            Log = _log,
        });
        await bans.LoadAsync(Cancel);
        return bans;
    }

    private async Task BanAsync(BanManager bans, IPAddress client)
    {
        await NoteAsync(bans, client, OffenceKind.Auth, 20);
        await Eventually.TrueAsync(() => bans.Holds(client), () => string.Join('\n', _log.Lines));
    }

    // One after the other, as a line of the log or a ban says: the notes wait in a queue of a certain length.
    private static async Task NoteAsync(BanManager bans, IPAddress client, OffenceKind kind, int times, bool isEmbedded = false)
    {
        for (var i = 0; i < times; i++)
        {
            bans.Note(client, kind, "photos.example.com", isEmbedded);
            if (i % 100 == 99)
            {
                await Eventually.TrueAsync(() => bans.Waiting == 0, () => $"{bans.Waiting}");
            }
        }

        await Eventually.TrueAsync(() => bans.Waiting == 0, () => $"{bans.Waiting}");
    }
}
