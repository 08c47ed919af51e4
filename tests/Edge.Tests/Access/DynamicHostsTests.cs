using System.Net;
using Edge.Access;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Tests.Access;

/// <summary>allow: ddns:HOST.</summary>
public sealed class DynamicHostsTests
{
    private readonly FakeTimeProvider _time = new();
    private DynamicHost? _found = new([IPAddress.Parse("198.51.100.1"), IPAddress.Parse("2001:db8:1:2::5")], TimeSpan.FromSeconds(60));
    private int _asked;

    [Theory]
    [InlineData("198.51.100.1", true)]
    [InlineData("198.51.100.2", false)]
    [InlineData("2001:db8:1:2:aaaa::1", true)]
    [InlineData("2001:db8:1:3::5", false)]
    public async Task A_client_is_there_by_its_IPv4_address_or_its_64(string client, bool expected) =>
        Assert.Equal(expected, await HoldsAsync(Hosts(), client));

    [Fact]
    public async Task It_is_looked_up_anew_when_its_TTL_is_over_and_not_before()
    {
        var hosts = Hosts();
        await HoldsAsync(hosts, "198.51.100.1");
        _found = new([IPAddress.Parse("198.51.100.9")], TimeSpan.FromSeconds(60));
        _time.Advance(TimeSpan.FromSeconds(59));
        await hosts.RefreshAsync(TestContext.Current.CancellationToken);
        Assert.Equal((true, 1), (await HoldsAsync(hosts, "198.51.100.1"), _asked));

        _time.Advance(TimeSpan.FromSeconds(1));
        await hosts.RefreshAsync(TestContext.Current.CancellationToken);
        Assert.Equal((false, true, 2), (await HoldsAsync(hosts, "198.51.100.1"), await HoldsAsync(hosts, "198.51.100.9"), _asked));
    }

    [Fact]
    public async Task While_it_cannot_be_looked_up_the_last_known_address_stays()
    {
        var hosts = Hosts();
        await HoldsAsync(hosts, "198.51.100.1");
        _found = null;
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(TimeSpan.FromHours(1));
            await hosts.RefreshAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal((true, 11), (await HoldsAsync(hosts, "198.51.100.1"), _asked));
    }

    // The address that it had may be another's by now.
    [Fact]
    public async Task A_host_that_is_answered_to_have_no_address_lets_in_nobody_until_it_has_one()
    {
        var hosts = Hosts();
        await HoldsAsync(hosts, "198.51.100.1");
        _found = new([], TimeSpan.Zero);
        _time.Advance(TimeSpan.FromSeconds(60));
        await hosts.RefreshAsync(TestContext.Current.CancellationToken);
        Assert.False(await HoldsAsync(hosts, "198.51.100.1"));

        _found = new([IPAddress.Parse("198.51.100.1")], TimeSpan.FromSeconds(60));
        _time.Advance(TimeSpan.FromSeconds(10));
        await hosts.RefreshAsync(TestContext.Current.CancellationToken);
        Assert.True(await HoldsAsync(hosts, "198.51.100.1"));
    }

    [Fact]
    public async Task Who_is_not_known_yet_is_nobody_and_requests_do_not_ask_each_time()
    {
        _found = null;
        var hosts = Hosts();

        Assert.False(await HoldsAsync(hosts, "198.51.100.1"));
        Assert.False(await HoldsAsync(hosts, "198.51.100.1"));
        Assert.Equal(1, _asked);
        _found = new([IPAddress.Parse("198.51.100.1")], TimeSpan.FromSeconds(60));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(await HoldsAsync(hosts, "198.51.100.1"));
    }

    private static async Task<bool> HoldsAsync(DynamicHosts hosts, string client) =>
        await hosts.HoldsAsync("home.example.net", IPAddress.Parse(client), TestContext.Current.CancellationToken);

    private DynamicHosts Hosts() => new((_, _) =>
    {
        _asked++;
        return Task.FromResult(_found);
    }, _time, NullLogger.Instance);
}
