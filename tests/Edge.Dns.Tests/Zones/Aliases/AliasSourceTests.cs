using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Tests.Nameserver;
using Edge.Dns.Tests.Reference;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Dns.Zones.Aliases;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Dns.Tests.Zones.Aliases;

/// <summary>ALIAS: the owner has the addresses of the target, in each view by itself.</summary>
public sealed class AliasSourceTests : IAsyncDisposable
{
    private const string Head = "$TTL 1h\n@ SOA ns1 host 1 1h 15m 2w 5m\n@ NS ns1\nns1 A 192.0.2.53\n";

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly DeclaringSource _files = new("files");
    private readonly Dictionary<(string, RecordType), TargetAddresses?> _elsewhere = [];
    private readonly Dictionary<(string, RecordType), int> _asked = [];
    private readonly Lock _gate = new();
    private readonly AliasSource _aliases;
    private ZoneManager? _manager;

    public AliasSourceTests() => _aliases = new AliasSource(AskAsync, _time, NullLogger.Instance);

    [Theory]
    [InlineData("a name of the same zone", "@ ALIAS host\nhost A 192.0.2.1\nhost AAAA 2001:db8::1", "@", "A 3600 192.0.2.1|AAAA 3600 2001:db8::1")]
    [InlineData("the smaller TTL: the target's", "@ ALIAS host\nhost 60 A 192.0.2.1", "@", "A 60 192.0.2.1|AAAA none")]
    [InlineData("the smaller TTL: its own", "@ 30 ALIAS host\nhost A 192.0.2.1", "@", "A 30 192.0.2.1|AAAA none")]
    [InlineData("the smallest TTL of a chain", "@ ALIAS a\na 40 CNAME b\nb 50 ALIAS host\nhost A 192.0.2.1", "@", "A 40 192.0.2.1|AAAA none")]
    [InlineData("not only at the apex", "x ALIAS host\nhost A 192.0.2.1", "x", "A 3600 192.0.2.1|AAAA none")]
    [InlineData("a wildcard", "*.w ALIAS host\nhost A 192.0.2.1", "any.w", "A 3600 192.0.2.1|AAAA none")]
    [InlineData("through a wildcard", "@ ALIAS any.w\n*.w ALIAS host\nhost A 192.0.2.1", "@", "A 3600 192.0.2.1|AAAA none")]
    [InlineData("through a DNAME", "@ ALIAS h.d\nd DNAME e\nh.e A 192.0.2.1", "@", "A 3600 192.0.2.1|AAAA none")]
    [InlineData("a target without addresses has none", "x ALIAS host\nhost TXT x", "x", "A none|AAAA none")]
    [InlineData("a target that does not exist has none", "x ALIAS nothing", "x", "A none|AAAA none")]
    [InlineData("a name without addresses exists: no wildcard answers for it", "* A 192.0.2.9\nx ALIAS host\nhost TXT x", "x", "A none|AAAA none")]
    [InlineData("a circle has no addresses that could be known", "x ALIAS y\ny ALIAS x", "x", "A failed|AAAA failed")]
    [InlineData("a circle through CNAMEs", "x ALIAS y\ny CNAME z\nz CNAME y", "x", "A failed|AAAA failed")]
    [InlineData("elsewhere", "@ ALIAS far.test.", "@", "A 300 198.51.100.1|AAAA none")]
    [InlineData("elsewhere behind a CNAME of ours", "@ ALIAS c\nc 20 CNAME far.test.", "@", "A 20 198.51.100.1|AAAA none")]
    [InlineData("in a zone that is delegated away", "@ ALIAS h.sub\nsub NS ns.far.test.", "@", "A failed|AAAA failed")]
    [InlineData("elsewhere, and nobody knows", "@ ALIAS silent.test.", "@", "A failed|AAAA failed")]
    [InlineData("one family known and one not", "@ ALIAS half.test.", "@", "A 300 198.51.100.2|AAAA failed")]
    public async Task The_addresses_of(string rule, string text, string owner, string answers)
    {
        Elsewhere("far.test.", RecordType.A, 300, "198.51.100.1");
        Elsewhere("far.test.", RecordType.AAAA, 300);
        Elsewhere("half.test.", RecordType.A, 300, "198.51.100.2");
        await ServeAsync((null, text));
        await SettledAsync();
        Assert.Equal((rule, answers), (rule, Answers(owner)));
    }

    [Fact]
    public async Task Other_types_stand_beside_it_and_the_ALIAS_itself_is_nowhere_to_be_seen()
    {
        await ServeAsync((null, "@ ALIAS host\n@ MX 10 mail.example.net.\nhost A 192.0.2.1"));
        var server = Server();
        Assert.Equal("example.com. 3600 IN MX 10 mail.example.net.", Assert.Single(server.Ask("example.com", "MX").Answer.Select(RecordText.Format)));
        Assert.Empty(server.Ask("example.com", "TYPE65401").Answer);
        var any = server.Ask("example.com", "ANY", transport: Dns.Nameserver.Transport.Tcp).Answer.Select(record => record.Type).Order();
        Assert.Equal([RecordType.A, RecordType.NS, RecordType.SOA, RecordType.MX], any);
        Assert.DoesNotContain(Zone().RRsets, set => set.Type == RecordType.ALIAS);
        Assert.Contains(Zone().RRsets, set => set.Type == RecordType.A && set.Owner == Name.Parse("example.com.") && set.Source.Line == 5);
    }

    [Fact]
    public async Task Each_view_has_the_addresses_that_it_sees()
    {
        await ServeAsync((null, "@ ALIAS host\nhost A 192.0.2.1\nx ALIAS host\ny ALIAS host"), ("lan", "host A 192.168.1.1\nx A 192.168.1.2\ny ALIAS z\nz A 192.168.1.3"));
        Assert.Equal("A 3600 192.0.2.1|AAAA none", Answers("@"));
        Assert.Equal("A 3600 192.168.1.1|AAAA none", Answers("@", lan: true));
        Assert.Equal("A 3600 192.168.1.2|AAAA none", Answers("x", lan: true));
        Assert.Equal("A 3600 192.168.1.3|AAAA none", Answers("y", lan: true));
    }

    [Fact]
    public async Task What_changes_in_our_zones_is_served_at_once_and_raises_the_serial()
    {
        await ServeAsync((null, "@ ALIAS host\nhost A 192.0.2.1"));
        var serial = Zone().Serial;
        Declare((null, "@ ALIAS host\nhost A 192.0.2.2"));
        Assert.Equal("A 3600 192.0.2.2|AAAA none", Answers("@"));
        Assert.True(Zone().Serial > serial);
        serial = Zone().Serial;
        Declare((null, "@ ALIAS other\nhost A 192.0.2.2\nother A 192.0.2.3"));
        Assert.Equal("A 3600 192.0.2.3|AAAA none", Answers("@"));
        Declare((null, "@ TXT x\nhost A 192.0.2.2"));
        Assert.Equal("A none|AAAA none", Answers("@"));
    }

    [Fact]
    public async Task Elsewhere_is_asked_again_when_the_TTL_is_over_and_stays_as_it_was_while_nobody_answers()
    {
        Elsewhere("far.test.", RecordType.A, 300, "198.51.100.1");
        Elsewhere("far.test.", RecordType.AAAA, 300);
        await ServeAsync((null, "@ ALIAS far.test."));
        await SettledAsync();
        Elsewhere("far.test.", RecordType.A, 300, "198.51.100.9");
        _time.Advance(TimeSpan.FromSeconds(299));
        await SettledAsync();
        Assert.Equal(1, Asked("far.test."));
        _time.Advance(TimeSpan.FromSeconds(2));
        await SettledAsync();
        Assert.Equal("A 300 198.51.100.9|AAAA none", Answers("@"));

        // RFC 8767: what cannot be confirmed gets a TTL of 30 seconds, for a day; then it is a failure.
        lock (_gate)
        {
            _elsewhere.Clear();
        }

        _time.Advance(TimeSpan.FromSeconds(301));
        await SettledAsync();
        Assert.Equal("A 30 198.51.100.9|AAAA none", Answers("@"));
        _time.Advance(TimeSpan.FromHours(25));
        await SettledAsync();
        Assert.Equal("A failed|AAAA failed", Answers("@"));
        Elsewhere("far.test.", RecordType.A, 60, "198.51.100.7");
        Elsewhere("far.test.", RecordType.AAAA, 60);
        _time.Advance(TimeSpan.FromMinutes(2));
        await SettledAsync();
        Assert.Equal("A 60 198.51.100.7|AAAA none", Answers("@"));
    }

    [Fact]
    public async Task What_is_left_of_a_TTL_in_some_cache_is_no_change_of_the_zone()
    {
        Elsewhere("far.test.", RecordType.A, 300, "198.51.100.1", "198.51.100.2");
        Elsewhere("far.test.", RecordType.AAAA, 300);
        await ServeAsync((null, "@ ALIAS far.test."));
        await SettledAsync();
        var serial = Zone().Serial;
        Elsewhere("far.test.", RecordType.A, 294, "198.51.100.2", "198.51.100.1");
        _time.Advance(TimeSpan.FromSeconds(301));
        await SettledAsync();
        Assert.Equal((2, serial), (Asked("far.test."), Zone().Serial));
        Elsewhere("far.test.", RecordType.A, 60, "198.51.100.2", "198.51.100.1");
        _time.Advance(TimeSpan.FromSeconds(301));
        await SettledAsync();
        Assert.Equal(60u, Server().Ask("example.com", "A").Answer[0].Ttl);
    }

    public async ValueTask DisposeAsync()
    {
        await _aliases.DisposeAsync();
        _manager?.Dispose();
    }

    private async ValueTask<TargetAddresses?> AskAsync(Name target, RecordType type, CancellationToken cancel)
    {
        await Task.Yield();
        lock (_gate)
        {
            _asked[(target.ToString(), type)] = _asked.GetValueOrDefault((target.ToString(), type)) + 1;
            return _elsewhere.GetValueOrDefault((target.ToString(), type));
        }
    }

    private int Asked(string target)
    {
        lock (_gate)
        {
            return _asked.GetValueOrDefault((target, RecordType.A));
        }
    }

    private void Elsewhere(string name, RecordType type, uint ttl, params string[] addresses)
    {
        lock (_gate)
        {
            _elsewhere[(name, type)] = new TargetAddresses([.. addresses.Select(address => RData.Address(IPAddress.Parse(address)))], ttl);
        }
    }

    private Task ServeAsync(params (string? View, string Text)[] files)
    {
        Declare(files);
        _manager = new ZoneManager([_files, _aliases], ["lan", "public"], NullLogger.Instance, _time);
        _aliases.Follow(_manager);
        return Task.CompletedTask;
    }

    private void Declare(params (string? View, string Text)[] files) => _files.Set(new ZoneContribution(
        [.. files.Select(file => new DeclaredZone(Name.Parse("example.com."), file.View, ZoneFile.Parse(System.Text.Encoding.UTF8.GetBytes((file.View is null ? Head : "$TTL 1h\n") + file.Text), "z", Name.Parse("example.com.")).Records))], []));

    // Until nothing is asked any more: every question is answered at once here.
    private async Task SettledAsync()
    {
        var deadline = Environment.TickCount64 + 10_000;
        while (!_aliases.IsIdle)
        {
            Assert.True(Environment.TickCount64 < deadline, "questions are still open");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    private Zone Zone() => _manager!.Current.Zones(1).Single();

    private TestNameserver Server()
    {
        var server = TestNameserver.With();
        server.Zones = _manager!.Current;
        return server;
    }

    private string Answers(string owner, bool lan = false)
    {
        var name = owner == "@" ? "example.com." : owner + ".example.com.";
        return string.Join('|', ((string[])["A", "AAAA"]).Select(type =>
        {
            var answer = Server().Ask(name, type, client: lan ? TestNameserver.LanClient : TestNameserver.PublicClient);
            return answer.Rcode switch
            {
                Rcode.ServFail => $"{type} failed",
                Rcode.NoError when answer.Answer.Count == 0 => $"{type} none",
                Rcode.NoError => $"{type} {string.Join(',', answer.Answer.Select(record => $"{record.Ttl} {new IPAddress(record.Data.Wire)}"))}",
                _ => $"{type} {answer.Rcode}",
            };
        }));
    }
}
