using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Names;
using Edge.Names.Designation;
using Edge.Tests.Names.Leases;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Edge.Tests.Names.Designation;

/// <summary>RFC 9462: what clients are told of the encrypted listeners, and when nothing.</summary>
public sealed class Rfc9462Tests : IDisposable
{
    private static readonly Name Box = Name.Parse("nas.example.com");
    private static readonly ImmutableArray<ViewAddresses> Lan = [new("lan", [IPAddress.Parse("192.168.1.10"), IPAddress.Parse("fd00::10")])];

    private readonly FakeTimeProvider _time = new();
    private readonly SettableSource _files = new("files");
    private readonly ResolverDesignation _designation;
    private readonly ZoneManager _zones;
    private bool _certified = true;

    public Rfc9462Tests()
    {
        _files.Set(new DeclaredZone(Name.Parse("example.com"), null,
        [
            new ResourceRecord(Name.Parse("example.com"), RecordType.SOA, 300, RData.Soa(Box, Box, 1, 7200, 900, 1209600, 60)),
            new ResourceRecord(Name.Parse("example.com"), RecordType.NS, 300, RData.Target(Box)),
        ]));
        _designation = new ResolverDesignation(Box, Listeners("0.0.0.0:853 [::]:853", "0.0.0.0:443", 443, "[::]:8853"), () => _certified, _time);
        _zones = new ZoneManager([_files, _designation], ["lan", "guests", "public"], NullLogger.Instance, _time);
    }

    public void Dispose()
    {
        _zones.Dispose();
        _designation.Dispose();
    }

    [Fact]
    public void Section_4_every_encrypted_listener_is_listed_under_the_name_that_proves_it()
    {
        _designation.Use(Lan);
        Assert.Equal(
            [
                "1 nas.example.com. alpn=dot port=853",
                "2 nas.example.com. alpn=h2 port=443 dohpath=/dns-query{?dns}",
                "3 nas.example.com. alpn=doq port=8853",
            ],
            Ask("lan", "_dns.resolver.arpa", RecordType.SVCB));
    }

    [Theory]
    [InlineData("_dns.resolver.arpa", RecordType.A)]
    [InlineData("_dns.resolver.arpa", RecordType.AAAA)]
    [InlineData("_dns.resolver.arpa", RecordType.HTTPS)]
    [InlineData("_dns.resolver.arpa", RecordType.TXT)]
    [InlineData("resolver.arpa", RecordType.A)]
    public void Other_types_have_no_data(string name, RecordType type)
    {
        _designation.Use(Lan);
        Assert.Equal(["NoData"], Ask("lan", name, type));
    }

    [Fact]
    public void Section_5_who_knows_the_name_is_told_the_same_in_our_own_zone()
    {
        _designation.Use(Lan);
        Assert.Equal(Ask("lan", "_dns.resolver.arpa", RecordType.SVCB), Ask("lan", "_dns.nas.example.com", RecordType.SVCB));
        Assert.Equal(["NxDomain"], Ask("public", "_dns.nas.example.com", RecordType.SVCB));
    }

    [Fact]
    public void Views_that_may_not_ask_for_all_names_are_told_nothing()
    {
        _designation.Use(Lan);
        Assert.Equal(["no zone"], Ask("public", "_dns.resolver.arpa", RecordType.SVCB));
        Assert.Equal(["no zone"], Ask("guests", "_dns.resolver.arpa", RecordType.SVCB));
    }

    [Fact]
    public void Section_4_2_without_a_certificate_for_the_name_nothing_is_offered()
    {
        _certified = false;
        _designation.Use(Lan);
        Assert.Equal(["no zone"], Ask("lan", "_dns.resolver.arpa", RecordType.SVCB));
        _certified = true;
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(3, Ask("lan", "_dns.resolver.arpa", RecordType.SVCB).Length);
        _certified = false;
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["no zone"], Ask("lan", "_dns.resolver.arpa", RecordType.SVCB));
    }

    [Fact]
    public void Nothing_changes_when_nothing_has_changed()
    {
        _designation.Use(Lan);
        var before = _zones.Current;
        _designation.Use(Lan);
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Same(before, _zones.Current);
        _designation.Use([]);
        Assert.Equal(["no zone"], Ask("lan", "_dns.resolver.arpa", RecordType.SVCB));
    }

    [Theory]
    [InlineData("127.0.0.1:853", "127.0.0.1:8443", 8443, "192.168.1.10", "")]
    [InlineData("127.0.0.1:853", "127.0.0.1:8443", 8443, "127.0.0.1", "Tls 853, Https 8443")]
    [InlineData("192.168.1.10:8853", "", 443, "192.168.1.10 fd00::10", "Tls 8853")]
    [InlineData("0.0.0.0:853", "0.0.0.0:443", 443, "fd00::10", "")]
    [InlineData("[::]:853", "[::]:443", 443, "192.168.1.10", "Tls 853, Https 443")]
    [InlineData("", "0.0.0.0:8443", 443, "192.168.1.10", "Https 443")]
    [InlineData("", "127.0.0.1:8443 192.168.1.10:443", 8443, "192.168.1.10", "Https 443")]
    [InlineData("0.0.0.0:853", "0.0.0.0:443", 443, "", "")]
    public void A_listener_counts_where_clients_of_the_view_reach_it(string tls, string https, int httpsPort, string addresses, string expected) => Assert.Equal(
        expected,
        string.Join(", ", Listeners(tls, https, httpsPort, "").At([.. Words(addresses).Select(IPAddress.Parse)]).Select(transport => $"{transport.Protocol} {transport.Port}")));

    private static EncryptedListeners Listeners(string tls, string https, int httpsPort, string quic) =>
        new([.. Words(tls).Select(IPEndPoint.Parse)], [.. Words(https).Select(IPEndPoint.Parse)], httpsPort, [.. Words(quic).Select(IPEndPoint.Parse)]);

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private string[] Ask(string view, string name, RecordType type)
    {
        var asked = Name.Parse(name);
        if (_zones.Current.Find(_zones.Current.IndexOf(view), asked.Wire) is not { } zone)
        {
            return ["no zone"];
        }

        var found = zone.Explain(asked, type);
        return found.Kind != LookupKind.Answer ? [found.Kind.ToString()] : [.. found.RRsets[0].Records.Select(record => RecordText.Format(record)).Select(text => text[(text.IndexOf("SVCB", StringComparison.Ordinal) + 5)..].Replace("\"", "", StringComparison.Ordinal))];
    }
}
