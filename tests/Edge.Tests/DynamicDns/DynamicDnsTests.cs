using System.Collections.Immutable;
using System.Net;
using System.Text;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.DynamicDns;
using Edge.Services;
using Edge.Settings;
using Edge.Stores;
using Edge.Tests.Names.Leases;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Tests.DynamicDns;

/// <summary>Updates as clients of dyndns2 send them, and the line that each name gets.</summary>
public sealed class DynamicDnsTests : IAsyncDisposable
{
    private const string Zone = """
        @ SOA ns1 hostmaster 100 3600 900 1209600 300
        @ NS ns1
        ns1 A 203.0.113.1
        filed A 203.0.113.2
        text TXT "file"
        alias CNAME ns1
        *.nas CNAME ns1
        sub NS ns.sub
        ns.sub A 203.0.113.53
        """;

    private readonly FakeTimeProvider _time = new(DateTimeOffset.Parse("2026-01-01T00:00:00Z"));
    private readonly MemoryStore _store;
    private readonly TokenStore _tokens;
    private readonly SettableSource _files = new("files");
    private readonly SettableSource _services = new("services");
    private readonly SettableSource _leases = new("leases");
    private readonly List<IPAddress> _refused = [];
    private readonly List<IDisposable> _open = [];
    private ZoneManager? _zones;

    public DynamicDnsTests()
    {
        _store = new MemoryStore(_time, NullLogger<MemoryStore>.Instance);
        _tokens = new TokenStore(_store, _time, NullLogger<TokenStore>.Instance);
        _files.Set(
            new DeclaredZone(Name.Parse("example.com."), null, Zone.Split('\n').Select(line => Record(line))),
            new DeclaredZone(Name.Parse("example.com."), "lan", [Record("inside A 192.168.1.7")]));
        _services.Overlay(
            new OverlayRecord("lan", Record("photos A 192.168.1.10"), OverlayMode.Fill),
            new OverlayRecord("lan", Record("box A 192.168.1.10"), OverlayMode.Fill));
        _leases.Overlay(new OverlayRecord("lan", Record("laptop A 192.168.1.30"), OverlayMode.Spare));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _open.ForEach(one => one.Dispose());
        _zones?.Dispose();
        await _store.DisposeAsync();
    }

    [Theory]
    // The addresses.
    [InlineData("hostname=a.example.com&myip=198.51.100.7", "good 198.51.100.7", "a A 198.51.100.7")]
    [InlineData("system=dyndns&hostname=a.example.com&myip=198.51.100.7&wildcard=ON&mx=m.example.com&backmx=NO", "good 198.51.100.7", "a A 198.51.100.7")]
    [InlineData("hostname=a.example.com&myip=2001:db8::7", "good 2001:db8::7", "a AAAA 2001:db8::7")]
    [InlineData("hostname=a.example.com&myip=198.51.100.7,2001:DB8:0::7", "good 198.51.100.7,2001:db8::7", "a A 198.51.100.7|a AAAA 2001:db8::7")]
    [InlineData("hostname=a.example.com&myip=198.51.100.7&myipv6=2001:db8::7", "good 198.51.100.7,2001:db8::7", "a A 198.51.100.7|a AAAA 2001:db8::7")]
    [InlineData("hostname=a.example.com&myip=198.51.100.7&myipv6=", "good 198.51.100.7", "a A 198.51.100.7")]
    [InlineData("hostname=a.example.com&myip=&myipv6=2001:db8::7", "good 2001:db8::7", "a AAAA 2001:db8::7")]
    [InlineData("hostname=a.example.com&myip=::ffff:198.51.100.7", "good 198.51.100.7", "a A 198.51.100.7")]
    [InlineData("hostname=a.example.com", "good 192.0.2.44", "a A 192.0.2.44")]
    [InlineData("hostname=a.example.com&myip=", "good 192.0.2.44", "a A 192.0.2.44")]
    [InlineData("hostname=a.example.com&myip=198.51.100.7,198.51.100.8", "dnserr", "")]
    [InlineData("hostname=a.example.com&myip=home", "dnserr", "")]
    [InlineData("hostname=a.example.com&myip=0.0.0.0", "dnserr", "")]
    [InlineData("hostname=a.example.com&myip=127.0.0.1", "dnserr", "")]
    [InlineData("hostname=a.example.com&myip=169.254.0.1", "dnserr", "")]
    [InlineData("hostname=a.example.com&myip=255.255.255.255", "dnserr", "")]
    [InlineData("hostname=a.example.com&myip=::1", "dnserr", "")]
    [InlineData("hostname=a.example.com&myip=fe80::1", "dnserr", "")]
    [InlineData("hostname=a.example.com&myip=ff02::1", "dnserr", "")]
    [InlineData("hostname=a.example.com,b.example.com&myip=home", "dnserr|dnserr", "")]
    // The names.
    [InlineData("hostname=a.example.com,b.example.com&myip=198.51.100.7", "good 198.51.100.7|good 198.51.100.7", "a A 198.51.100.7|b A 198.51.100.7")]
    [InlineData("hostname=a.example.com,a.example.com&myip=198.51.100.7", "good 198.51.100.7|nochg 198.51.100.7", "a A 198.51.100.7")]
    [InlineData("hostname=A.Example.COM.&myip=198.51.100.7", "good 198.51.100.7", "a A 198.51.100.7")]
    [InlineData("hostname=phone.nas.example.com&myip=198.51.100.7", "good 198.51.100.7", "phone.nas A 198.51.100.7")]
    [InlineData("hostname=example.com&myip=198.51.100.7", "good 198.51.100.7", "@ A 198.51.100.7")]
    [InlineData("myip=198.51.100.7", "notfqdn", "")]
    [InlineData("hostname=&myip=198.51.100.7", "notfqdn", "")]
    [InlineData("hostname=a&myip=198.51.100.7", "notfqdn", "")]
    [InlineData("hostname=*.example.com&myip=198.51.100.7", "notfqdn", "")]
    [InlineData("hostname=a_b.example.com&myip=198.51.100.7", "notfqdn", "")]
    [InlineData("hostname=b%C3%BCro.example.com&myip=198.51.100.7", "notfqdn", "")]
    [InlineData("hostname=%F0%9F%8F%A0.example.com&myip=198.51.100.7", "notfqdn", "")]
    [InlineData("hostname=%FF%FE%00.example.com&myip=198.51.100.7", "notfqdn", "")]
    [InlineData("hostname=a%0Agood.example.com&myip=198.51.100.7", "notfqdn", "")]
    [InlineData("hostname=a..example.com&myip=198.51.100.7", "notfqdn", "")]
    [InlineData("hostname=198.51.100.7&myip=198.51.100.7", "notfqdn", "")]
    [InlineData("hostname=xn--bro-hoa.example.com&myip=198.51.100.7", "good 198.51.100.7", "xn--bro-hoa A 198.51.100.7")]
    [InlineData("hostname=b%C3%BCro.example.com,a.example.com&myip=198.51.100.7", "notfqdn|good 198.51.100.7", "a A 198.51.100.7")]
    [InlineData("hostname=a.example.net&myip=198.51.100.7", "nohost", "")]
    // Whom they belong to.
    [InlineData("hostname=filed.example.com&myip=198.51.100.7", "nohost", "")]
    [InlineData("hostname=text.example.com&myip=198.51.100.7", "nohost", "")]
    [InlineData("hostname=alias.example.com&myip=198.51.100.7", "nohost", "")]
    [InlineData("hostname=sub.example.com,x.sub.example.com&myip=198.51.100.7", "nohost|nohost", "")]
    [InlineData("hostname=photos.example.com&myip=198.51.100.7", "nohost", "")]
    [InlineData("hostname=laptop.example.com&myip=198.51.100.7", "nohost", "")]
    [InlineData("hostname=inside.example.com&myip=198.51.100.7", "good 198.51.100.7", "inside A 198.51.100.7")]
    [InlineData("hostname=box.example.com&myip=198.51.100.7", "good 198.51.100.7", "box A 198.51.100.7")]
    public async Task An_update(string query, string lines, string published)
    {
        var room = Room();
        var secret = await TokenAsync("phone", "*");
        Assert.Equal((200, lines), await AskAsync(room, query, secret));
        Assert.Equal(published, Answered("public"));
    }

    [Theory]
    [InlineData("a.example.com", "a.example.com", true)]
    [InlineData("a.example.com", "b.example.com", false)]
    [InlineData("*.nas.example.com", "x.nas.example.com", true)]
    [InlineData("*.nas.example.com", "nas.example.com", false)]
    [InlineData("*.nas.example.com", "evilnas.example.com", false)]
    public async Task A_token_is_for_its_names(string pattern, string host, bool allowed) => Assert.Equal(
        (200, allowed ? "good 198.51.100.7" : "nohost"),
        await AskAsync(Room(), $"hostname={host}&myip=198.51.100.7", await TokenAsync("phone", pattern)));

    [Fact]
    public async Task Who_has_no_token_gets_nothing()
    {
        var room = Room();
        var secret = await TokenAsync("phone", "*");
        var old = await TokenAsync("old", "*");
        await _tokens.RevokeAsync("old", Cancel);
        foreach (var header in (string?[])[null, "", "Basic", "Basic !", Basic("phone", ""), Basic("phone", "edge_guess"), Basic(secret, "x"), Basic("old", old), "Bearer edge_guess", "Digest x"])
        {
            Assert.Equal((401, "badauth"), await AskRawAsync(room, "hostname=a.example.com&myip=198.51.100.7", header));
        }

        // Who shows nothing has guessed nothing: any page can have its visitor's browser ask so.
        Assert.Equal(8, _refused.Count);
        Assert.Equal("", Answered("public"));
        Assert.Equal((200, "good 198.51.100.7"), await AskRawAsync(room, "hostname=a.example.com&myip=198.51.100.7", Basic("any:thing"[..3], secret)));
        Assert.Equal((200, "nochg 198.51.100.7"), await AskRawAsync(room, "hostname=a.example.com&myip=198.51.100.7", $"Bearer {secret}"));
    }

    [Fact]
    public async Task An_address_is_followed_and_what_is_not_named_stays()
    {
        var room = Room();
        var secret = await TokenAsync("phone", "*");
        (string Query, string Line, string Answered)[] steps =
        [
            ("myip=198.51.100.7", "good 198.51.100.7", "a A 198.51.100.7"),
            ("myip=198.51.100.7", "nochg 198.51.100.7", "a A 198.51.100.7"),
            ("myip=2001:db8::7", "good 2001:db8::7", "a A 198.51.100.7|a AAAA 2001:db8::7"),
            ("myip=198.51.100.8", "good 198.51.100.8", "a A 198.51.100.8|a AAAA 2001:db8::7"),
            ("myip=198.51.100.8&myipv6=2001:db8::7", "nochg 198.51.100.8,2001:db8::7", "a A 198.51.100.8|a AAAA 2001:db8::7"),
            ("myip=198.51.100.8&myipv6=", "good 198.51.100.8", "a A 198.51.100.8"),
            ("myip=&myipv6=2001:db8::9", "good 2001:db8::9", "a AAAA 2001:db8::9"),
        ];
        foreach (var (query, line, answered) in steps)
        {
            Assert.Equal((query, 200, line), (query, (await AskAsync(room, "hostname=a.example.com&" + query, secret)) is var (status, got) ? status : 0, got));
            Assert.Equal((query, answered), (query, Answered("public")));
            Assert.Equal((query, answered), (query, Answered("lan")));
        }
    }

    /// <summary>RFC 1035 section 3.1: one that has no room for a challenge below it is a name all the same, also after a restart.</summary>
    [Fact]
    public async Task The_longest_name_is_taken_and_kept()
    {
        var secret = await TokenAsync("long", "*");
        var host = string.Join('.', Enumerable.Repeat(new string('a', 57), 4)) + ".example.com";
        Assert.Equal((200, "good 198.51.100.7"), await AskAsync(Room(), $"hostname={host}&myip=198.51.100.7", secret));
        var again = Room();
        await again.Addresses.LoadAsync(TestContext.Current.CancellationToken);
        Assert.Equal((200, "nochg 198.51.100.7"), await AskAsync(again, $"hostname={host}&myip=198.51.100.7", secret));
    }

    [Fact]
    public async Task A_prefix_moves_the_names_that_have_a_suffix()
    {
        var room = Room();
        var secret = await TokenAsync("router", "*");
        (string Query, string Line, string Answered)[] steps =
        [
            ("hostname=a.example.com&ip6lanprefix=2001:db8:1:2::/64", "dnserr", ""),
            ("hostname=a.example.com&ip6lanprefix=2001:db8:1:2::/64&suffix=::1234", "good 2001:db8:1:2::1234", "a AAAA 2001:db8:1:2::1234"),
            ("hostname=a.example.com&ip6lanprefix=2001:db8:1:2::/64", "nochg 2001:db8:1:2::1234", "a AAAA 2001:db8:1:2::1234"),
            ("hostname=b.example.com&myip=198.51.100.7,2001:db8:1:2:a:b:c:d", "good 198.51.100.7,2001:db8:1:2:a:b:c:d", "a AAAA 2001:db8:1:2::1234|b A 198.51.100.7|b AAAA 2001:db8:1:2:a:b:c:d"),
            ("hostname=a.example.com,b.example.com&ip6lanprefix=2001:db8:9:9::/64", "good 2001:db8:9:9::1234|good 2001:db8:9:9:a:b:c:d", "a AAAA 2001:db8:9:9::1234|b A 198.51.100.7|b AAAA 2001:db8:9:9:a:b:c:d"),
            ("hostname=a.example.com,b.example.com&myip=198.51.100.8&myipv6=2001:db8:7:7::1/64", "good 198.51.100.8,2001:db8:7:7::1234|good 198.51.100.8,2001:db8:7:7:a:b:c:d", "a A 198.51.100.8|a AAAA 2001:db8:7:7::1234|b A 198.51.100.8|b AAAA 2001:db8:7:7:a:b:c:d"),
            ("hostname=a.example.com,b.example.com&myip=198.51.100.8&ip6lanprefix=", "good 198.51.100.8|good 198.51.100.8", "a A 198.51.100.8|b A 198.51.100.8"),
            ("hostname=a.example.com,b.example.com&myip=&ip6lanprefix=2001:db8:5:600::/56", "good 2001:db8:5:600::1234|good 2001:db8:5:600:a:b:c:d", "a AAAA 2001:db8:5:600::1234|b AAAA 2001:db8:5:600:a:b:c:d"),
            ("hostname=a.example.com&ip6lanprefix=fe80::/64&suffix=::5", "dnserr", "a AAAA 2001:db8:5:600::1234|b AAAA 2001:db8:5:600:a:b:c:d"),
            ("hostname=a.example.com&ip6lanprefix=ff02::/64&suffix=::fb", "dnserr", "a AAAA 2001:db8:5:600::1234|b AAAA 2001:db8:5:600:a:b:c:d"),
            ("hostname=a.example.com&ip6lanprefix=::ffff:0:0/96&suffix=::7f00:1", "dnserr", "a AAAA 2001:db8:5:600::1234|b AAAA 2001:db8:5:600:a:b:c:d"),
            ("hostname=a.example.com&ip6lanprefix=2001:db8::/120&suffix=::1234", "dnserr", "a AAAA 2001:db8:5:600::1234|b AAAA 2001:db8:5:600:a:b:c:d"),
            ("hostname=a.example.com&ip6lanprefix=2001:db8:5:600::/64&suffix=::1", "good 2001:db8:5:600::1", "a AAAA 2001:db8:5:600::1|b AAAA 2001:db8:5:600:a:b:c:d"),
            ("hostname=a.example.com&ip6lanprefix=2001:db8:5:600::/64&suffix=::1234", "good 2001:db8:5:600::1234", "a AAAA 2001:db8:5:600::1234|b AAAA 2001:db8:5:600:a:b:c:d"),
            ("hostname=a.example.com&ip6lanprefix=home", "dnserr", "a AAAA 2001:db8:5:600::1234|b AAAA 2001:db8:5:600:a:b:c:d"),
            ("hostname=a.example.com&ip6lanprefix=2001:db8::/64&suffix=2001:db8::1", "dnserr", "a AAAA 2001:db8:5:600::1234|b AAAA 2001:db8:5:600:a:b:c:d"),
            ("hostname=a.example.com&myip=2001:db8::1&suffix=::1", "dnserr", "a AAAA 2001:db8:5:600::1234|b AAAA 2001:db8:5:600:a:b:c:d"),
        ];
        foreach (var (query, line, answered) in steps)
        {
            var (status, got) = await AskAsync(room, query, secret);
            Assert.Equal((query, 200, line), (query, status, got));
            Assert.Equal((query, answered), (query, Answered("public")));
        }

        // Which end a name has survives a restart.
        var later = Room();
        await later.Addresses.LoadAsync(Cancel);
        Assert.Equal((200, "good 2001:db8::1234"), await AskAsync(later, "hostname=a.example.com&ip6lanprefix=2001:db8::/64", secret));
    }

    [Fact]
    public async Task A_name_that_was_lent_ends_when_nobody_sends_it_again()
    {
        var room = Room();
        var secret = (await _tokens.CreateAsync(new TokenWish("phone", new TokenScope(["*"], ["*"])) { Lease = TimeSpan.FromHours(1) }, Cancel)).Secret!;
        await AskAsync(room, "hostname=stays.example.com&myip=198.51.100.7", await TokenAsync("other", "*"));
        await AskAsync(room, "hostname=a.example.com,b.example.com&myip=198.51.100.7", secret);
        _time.Advance(TimeSpan.FromMinutes(50));
        Assert.Equal((200, "nochg 198.51.100.7"), await AskAsync(room, "hostname=a.example.com&myip=198.51.100.7", secret));
        _time.Advance(TimeSpan.FromMinutes(10));
        await room.Addresses.EndAsync(Cancel);
        Assert.Equal("a A 198.51.100.7|b A 198.51.100.7|stays A 198.51.100.7", Answered("public"));
        _time.Advance(TimeSpan.FromMinutes(7));
        await room.Addresses.EndAsync(Cancel);
        Assert.Equal("a A 198.51.100.7|stays A 198.51.100.7", Answered("public"));

        // Also one that ended while Edge was down, and the renewal that was no change is remembered.
        var later = Room();
        await later.Addresses.LoadAsync(Cancel);
        _time.Advance(TimeSpan.FromMinutes(40));
        await later.Addresses.EndAsync(Cancel);
        Assert.Equal("a A 198.51.100.7|stays A 198.51.100.7", Answered("public"));
        using var end = new CancellationTokenSource();
        var running = later.RunAsync(end.Token);
        _time.Advance(TimeSpan.FromMinutes(20));
        await Whole.Eventually.TrueAsync(() => Task.FromResult(Answered("public") == "stays A 198.51.100.7"), () => Answered("public"));
        await end.CancelAsync();
        await running;
        Assert.DoesNotContain((await _store.ListAsync("dynamic/", Cancel)).Entries, entry => entry.Key.Contains("a.example.com", StringComparison.Ordinal));
        Assert.Equal((200, "good 198.51.100.9"), await AskAsync(later, "hostname=a.example.com&myip=198.51.100.9", await TokenAsync("next", "*")));
    }

    [Fact]
    public async Task The_first_token_keeps_a_name_until_it_is_removed()
    {
        var room = Room();
        var (first, second) = (await TokenAsync("first", "*"), await TokenAsync("second", "*"));
        Assert.Equal((200, "good 198.51.100.7"), await AskAsync(room, "hostname=a.example.com&myip=198.51.100.7", first));
        Assert.Equal((200, "nohost"), await AskAsync(room, "hostname=a.example.com&myip=198.51.100.8", second));
        await _tokens.RevokeAsync("first", Cancel);
        Assert.Equal("a A 198.51.100.7", Answered("public"));
        Assert.True(await room.Addresses.RemoveAsync("a.example.com", Cancel));
        Assert.False(await room.Addresses.RemoveAsync("a.example.com", Cancel));
        Assert.Equal("", Answered("public"));
        Assert.Equal((200, "good 198.51.100.8"), await AskAsync(room, "hostname=a.example.com&myip=198.51.100.8", second));
    }

    [Fact]
    public async Task Each_view_keeps_what_it_declares()
    {
        var room = Room();
        var (all, lan) = (await TokenAsync("all", "*"), await TokenAsync("lan", "*", isForLanOnly: true));
        await AskAsync(room, "hostname=inside.example.com,box.example.com&myip=198.51.100.7", all);
        Assert.Equal((200, "good 192.168.1.77"), await AskAsync(room, "hostname=printer.example.com&myip=192.168.1.77", lan));
        Assert.Equal((200, "nohost"), await AskAsync(room, "hostname=inside.example.com&myip=192.168.1.77", lan));
        Assert.Equal("printer A 192.168.1.77", Answered("lan"));
        Assert.Equal("box A 198.51.100.7|inside A 198.51.100.7", Answered("public"));
    }

    [Fact]
    public async Task A_file_that_declares_the_name_later_has_it_and_the_client_is_told()
    {
        var room = Room();
        var secret = await TokenAsync("phone", "*");
        await AskAsync(room, "hostname=a.example.com&myip=198.51.100.7", secret);
        Assert.Null(room.Addresses.Hindrance(room.Addresses.All.Single()));
        _files.Set(new DeclaredZone(Name.Parse("example.com."), null, (Zone + "\na A 203.0.113.9").Split('\n').Select(line => Record(line))));
        Assert.Equal("", Answered("public"));
        Assert.Equal("is declared by somebody else", room.Addresses.Hindrance(room.Addresses.All.Single()));
        Assert.Equal((200, "nohost"), await AskAsync(room, "hostname=a.example.com&myip=198.51.100.7", secret));
    }

    [Fact]
    public async Task A_thousand_names_are_there_after_a_restart()
    {
        var room = Room();
        var secret = await TokenAsync("phone", "*");
        string[] hosts = [.. Enumerable.Range(0, 1000).Select(number => $"h{number}.example.com")];
        Assert.Equal((200, "numhost"), await AskAsync(room, $"hostname={string.Join(',', hosts)}&myip=198.51.100.7", secret));
        foreach (var some in hosts.Chunk(DynamicDnsRoom.MostHosts))
        {
            Assert.Equal((200, string.Join('|', some.Select(_ => "good 198.51.100.7"))), await AskAsync(room, $"hostname={string.Join(',', some)}&myip=198.51.100.7", secret));
        }

        var before = Answered("public");
        Assert.Equal(1000, before.Split('|').Length);
        var later = Room();
        Assert.Equal("", Answered("public"));
        await later.Addresses.LoadAsync(Cancel);
        Assert.Equal(before, Answered("public"));
        Assert.Equal((200, "nochg 198.51.100.7"), await AskAsync(later, "hostname=h999.example.com&myip=198.51.100.7", secret));
    }

    [Fact]
    public async Task There_is_an_end_to_it_and_what_is_there_goes_on()
    {
        var room = Room();
        var secret = await TokenAsync("phone", "*");
        foreach (var some in Enumerable.Range(0, DynamicAddresses.Most - 1).Select(number => $"h{number}.example.com").Chunk(DynamicDnsRoom.MostHosts))
        {
            await AskAsync(room, $"hostname={string.Join(',', some)}&myip=198.51.100.7", secret);
        }

        Assert.Equal((200, "nochg 198.51.100.7|good 198.51.100.7|dnserr|nochg 198.51.100.7"), await AskAsync(room, "hostname=h0.example.com,last.example.com,more.example.com,last.example.com&myip=198.51.100.7", secret));
        Assert.Equal((200, "dnserr|good 198.51.100.8"), await AskAsync(room, "hostname=more.example.com,h0.example.com&myip=198.51.100.8", secret));
        Assert.True(await room.Addresses.RemoveAsync("h0.example.com", Cancel));
        Assert.Equal((200, "good 198.51.100.7"), await AskAsync(room, "hostname=more.example.com&myip=198.51.100.7", secret));
    }

    [Fact]
    public async Task Who_asks_too_often_is_told() =>
        Assert.Equal((200, "abuse|abuse"), await AskAsync(Room(allows: false), "hostname=a.example.com,b.example.com&myip=198.51.100.7", await TokenAsync("phone", "*")));

    [Theory]
    [InlineData("", false)]
    [InlineData("dynamic-dns: api", false)]
    [InlineData("dynamic-dns: gateway", true)]
    public void Settings(string yaml, bool isAtGateway)
    {
        var problems = new ProblemList();
        Assert.Equal(isAtGateway, EdgeOptionsFile.Parse("domain: example.com\n" + yaml + "\n", "edge.yaml", problems).DynamicDns.IsAtGateway);
        Assert.Empty(problems.All);
    }

    [Fact]
    public void A_mistake_in_the_settings()
    {
        var problems = new ProblemList();
        EdgeOptionsFile.Parse("dynamic-dns: on\n", "edge.yaml", problems);
        Assert.Contains("dynamic-dns: \"on\" is not one of api, gateway", Assert.Single(problems.All).ToString());
    }

    private static ResourceRecord Record(string line) => RecordText.Parse(line.Trim(), Name.Parse("example.com."));

    private static string Basic(string user, string password) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));

    private async Task<string> TokenAsync(string name, string pattern, bool isForLanOnly = false) =>
        (await _tokens.CreateAsync(name, new TokenScope([pattern], ["*"]) { IsForLanOnly = isForLanOnly }, null, admin: false, Cancel)).Secret!;

    private DynamicDnsRoom Room(bool allows = true)
    {
        var records = new DynamicRecords("lan");
        _zones?.Dispose();
        _zones = new ZoneManager([_files, _services, _leases, records], ["lan", "public"], NullLogger.Instance, _time);
        var room = new DynamicDnsRoom(
            new DynamicDnsSetup
            {
                Store = _store,
                Verify = _tokens.VerifyAsync,
                VerifyAgain = _tokens.VerifyAsync,
                Zones = () => _zones.Current,
                ServiceAt = host => host == "photos.example.com" ? "service photos" : null,
                Allows = _ => allows,
                Refused = _refused.Add,
                LanView = "lan",
                Time = _time,
                Log = NullLogger.Instance,
            },
            records);
        _open.Add(room);
        return room;
    }

    // What clients of a view get from here: "name TYPE data", sorted.
    private string Answered(string view)
    {
        var zone = _zones!.Current.Zones(_zones.Current.IndexOf(view)).Single();
        ImmutableArray<ResourceRecord> ours = [.. zone.RRsets.SelectMany(set => set.Records).Where(DynamicRecords.IsOne)];
        Assert.All(ours, record => Assert.Equal(DynamicRecords.Ttl, record.Ttl));
        return string.Join('|', ours.Select(record => $"{Short(record.Owner)} {RecordText.FormatType(record.Type)} {new IPAddress(record.Data.Wire)}").Order(StringComparer.Ordinal));
    }

    private static string Short(Name owner) => owner.ToHostString() is "example.com" ? "@" : owner.ToHostString().Replace(".example.com", "", StringComparison.Ordinal);

    private static Task<(int Status, string Lines)> AskAsync(DynamicDnsRoom room, string query, string secret) => AskRawAsync(room, query, Basic("anybody", secret));

    private static async Task<(int Status, string Lines)> AskRawAsync(DynamicDnsRoom room, string query, string? authorization)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse("192.0.2.44");
        context.Request.Scheme = "https";
        context.Request.Method = "GET";
        context.Request.Path = DynamicDnsRoom.Path;
        context.Request.QueryString = new QueryString("?" + query);
        if (authorization is not null)
        {
            context.Request.Headers.Authorization = authorization;
        }

        using var answer = new MemoryStream();
        context.Response.Body = answer;
        Assert.True(DynamicDnsRoom.Takes(context));
        await room.AnswerAsync(context);
        return (context.Response.StatusCode, Encoding.ASCII.GetString(answer.ToArray()).TrimEnd('\n').Replace('\n', '|'));
    }
}
