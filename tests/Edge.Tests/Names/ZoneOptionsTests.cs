using Edge.Dns.Wire;
using Edge.Names;
using Edge.Settings;
using Xunit;

namespace Edge.Tests.Names;

/// <summary>Keys and zones in the "dns" section: who may transfer what.</summary>
public sealed class ZoneOptionsTests
{
    private const string Key = "keys: {ns2: {secret: MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    [Fact]
    public void Secondaries_are_addresses_with_or_without_a_key()
    {
        var (dns, problems) = Read(Key + """
            }}
            zones:
              example.com:
                secondaries: [192.0.2.1, "[2001:db8::1]:5353", {address: 192.0.2.2, key: ns2, tls: true}]
            """);
        Assert.Empty(problems);
        Assert.Equal(
            ["192.0.2.1:53  False", "[2001:db8::1]:5353  False", "192.0.2.2:53 ns2. True"],
            TransferRights.Of(dns).Peers(Name.Parse("example.com.")).Select(peer => $"{peer.EndPoint} {peer.Key} {peer.TlsOnly}"));
    }

    [Fact]
    public void Primaries_may_prove_themselves_over_TLS()
    {
        var (dns, problems) = Read(Key + """
            }}
            zones:
              a.test: {primaries: 192.0.2.1}
              b.test: {view: lan, primaries: [{address: 192.0.2.2, key: ns2}, {address: 192.0.2.3, tls: true}]}
              c.test: {primaries: {address: "192.0.2.4:8853", tls: {name: ns.test, pin: MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=}}}
            """);
        Assert.Empty(problems);
        Assert.Equal(
            ["a.test.  192.0.2.1:53  ", "b.test. lan 192.0.2.2:53 ns2. |192.0.2.3:853 (TLS)  ", "c.test.  192.0.2.4:8853 (TLS)  ns.test"],
            TransferRights.Followed(dns).Select(zone => $"{zone.Origin} {zone.View} {string.Join('|', zone.Primaries.Select(one => $"{one} {one.Key} {one.Tls?.Name}"))}"));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData(", transfer: false", null)]
    [InlineData(", transfer: true", "*")]
    [InlineData(", transfer: example.com", "example.com.")]
    [InlineData(", transfer: [example.com, example.net]", "example.com. example.net.")]
    public void A_key_may_transfer(string setting, string? expected)
    {
        var (dns, problems) = Read(Key + setting + "}}");
        Assert.Empty(problems);
        var right = Assert.Single(dns.Keys).Transfer;
        Assert.Equal(expected, right is null ? null : right.Zones is { } zones ? string.Join(' ', zones) : "*");
    }

    [Theory]
    [InlineData("zones: {example.com: {secondaries: [192.0.2.300]}}", "edge.yaml:1: zones.example.com.secondaries[0]: \"192.0.2.300\" is not the address of a server")]
    [InlineData("zones: {example.com: {secondaries: [{key: ns2}]}}", "has no address")]
    [InlineData("zones: {example.com: {secondaries: [{address: 192.0.2.1, key: ns2}]}}", "zones.example.com.secondaries[0].key: there is no key \"ns2\"")]
    [InlineData("zones: {example.com: {secondaries: 0.0.0.0}}", "is not the address of a server")]
    [InlineData("zones: {a..b: {}}", "edge.yaml:1: zones.a..b: \"a..b\" is not the name of a zone")]
    [InlineData("zones: {example.com: {}, EXAMPLE.com: {}}", "stands twice")]
    [InlineData("zones: {example.com: {secondary: 192.0.2.1}}", "did you mean \"secondaries\"?")]
    [InlineData("zones: {example.com: {primaries: [192.0.2.300]}}", "zones.example.com.primaries[0]: \"192.0.2.300\" is not the address of a server")]
    [InlineData("zones: {example.com: {primaries: {address: 192.0.2.1, tls: {pin: abc}}}}", "tls.pin: is not a SHA-256 in base64")]
    [InlineData("zones: {example.com: {primaries: {address: 192.0.2.1, tls: {root: not-there.pem}}}}", "not-there.pem cannot be read: it is not there")]
    [InlineData("zones: {example.com: {primaries: 192.0.2.1, view: attic}}", "zones.example.com.view: \"attic\" is not one of lan, public")]
    [InlineData("zones: {example.com: {view: lan}}", "zones.example.com.view: means nothing without primaries")]
    [InlineData(Key + ", transfer: [a..b]}}", "keys.ns2.transfer[0]: \"a..b\" is not true, false or the name of a zone")]
    public void A_mistake_is_told(string yaml, string expected)
    {
        var (_, problems) = Read(yaml);
        Assert.True(problems.Any(problem => problem.ToString().Contains(expected)), string.Join("\n", problems));
    }

    private static (DnsOptions Options, IReadOnlyList<Problem> Problems) Read(string yaml)
    {
        var problems = new ProblemList();
        var map = YamlDocumentReader.Read(yaml, "edge.yaml", problems)!;
        return (DnsOptions.Read(new MapReader(map, problems), "/", ["lan", "public"], Name.Parse("example.com")), problems.All);
    }
}
