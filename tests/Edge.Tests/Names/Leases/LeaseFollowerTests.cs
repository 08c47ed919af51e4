using Edge.Dns.Wire;
using Edge.Names.Leases;
using Edge.Tests.Certificates;
using Microsoft.Extensions.Time.Testing;

namespace Edge.Tests.Names.Leases;

/// <summary>Files and the clock are looked at again and again, and the settings may change meanwhile.</summary>
public sealed class LeaseFollowerTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_795_690_800));
    private readonly LogLines _log = new();
    private readonly LeaseNames _names;
    private readonly LeaseFollower _follower;

    public LeaseFollowerTests()
    {
        Write("a", "1795694400 00:00:5e:00:53:01 192.168.1.1 laptop *", "1795694400 00:00:5e:00:53:02 192.168.1.2 wpad *", "torn");
        _names = new LeaseNames(Name.Parse("nas.example.com"), Name.Parse("example.com"), [], _time, _log);
        _follower = new LeaseFollower([Setting("a")], _names, _time, _log);
    }

    public async ValueTask DisposeAsync()
    {
        await _follower.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public void What_is_in_the_files_is_there_from_the_start() => Assert.Equal(["laptop.example.com."], Served());

    [Fact]
    public async Task Files_are_followed_and_leases_end_by_the_clock()
    {
        _follower.Start();
        Write("a", "1795694400 00:00:5e:00:53:01 192.168.1.1 laptop *", "0 00:00:5e:00:53:03 192.168.1.3 phone *");
        await TickUntilAsync("laptop.example.com. phone.example.com.");
        _time.Advance(TimeSpan.FromHours(1));
        await TickUntilAsync("phone.example.com.");
    }

    [Fact]
    public void Other_settings_are_taken_over()
    {
        Write("b", "0 00:00:5e:00:53:04 192.168.1.4 tablet *");
        _follower.Use([Setting("a"), Setting("b")]);
        Assert.Equal(["laptop.example.com.", "tablet.example.com."], Served());
        _follower.Use([Setting("b") with { Domain = Name.Parse("lan.example.com") }]);
        Assert.Equal(["tablet.lan.example.com."], Served());
        _follower.Use([]);
        Assert.Empty(Served());
    }

    [Fact]
    public void What_is_wrong_is_told_with_how_much_of_it_there_is() => Assert.Equal(
        ["a: lines that are not understood: 1", "a: clients whose names are not served: 1, such as \"wpad\", which is a name that other machines look up by themselves to be configured"],
        _follower.Problems);

    private LeaseSetting Setting(string file) => new(Path.Combine(_folder.Path, file), file, LeaseFormat.Dnsmasq, Name.Parse("example.com"));

    private void Write(string file, params string[] lines) => File.WriteAllLines(Path.Combine(_folder.Path, file), lines);

    private IEnumerable<string> Served() => _names.Current.Overlay.Where(one => one.Record.Type == RecordType.A).Select(one => one.Record.Owner.ToString()).Order();

    // The loop may not wait for the next tick yet when time passes.
    private Task TickUntilAsync(string names) => Eventually.TrueAsync(
        () =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(200));
            return string.Join(' ', Served()) == names;
        },
        () => string.Join(' ', Served()));
}
