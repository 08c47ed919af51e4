using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Names;
using Edge.Services;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Edge.Tests.Names;

/// <summary>Services as DNS service discovery lists them in our own zone (RFC 6763).</summary>
public sealed class DiscoveryRecordsTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly SettledServices _services;
    private readonly DiscoveryRecords _records;
    private int _changes;

    public DiscoveryRecordsTests()
    {
        _services = new SettledServices(_time, NullLogger.Instance);
        _records = new DiscoveryRecords(Name.Parse("example.com"), TimeSpan.FromSeconds(60), [("_http._tcp", 80), ("_https._tcp", 8443)], _services);
        _records.Changed += () => _changes++;
    }

    public void Dispose() => _services.Dispose();

    [Fact]
    public void RFC_6763_sections_4_9_and_11_the_domain_the_types_and_the_services()
    {
        Declare(Service("photos"));
        Assert.Equal(
            [
                "_http._tcp.example.com. PTR photos._http._tcp.example.com.",
                "_https._tcp.example.com. PTR photos._https._tcp.example.com.",
                "_services._dns-sd._udp.example.com. PTR _http._tcp.example.com.",
                "_services._dns-sd._udp.example.com. PTR _https._tcp.example.com.",
                "b._dns-sd._udp.example.com. PTR example.com.",
                "lb._dns-sd._udp.example.com. PTR example.com.",
                "photos._http._tcp.example.com. SRV 0 0 80 photos.nas.example.com.",
                "photos._http._tcp.example.com. TXT \"path=/\"",
                "photos._https._tcp.example.com. SRV 0 0 8443 photos.nas.example.com.",
                "photos._https._tcp.example.com. TXT \"path=/\"",
            ],
            Said());
        Assert.All(_records.Current.Overlay, record => Assert.Equal(("lan", OverlayMode.Fill), (record.View, record.Mode)));
        Assert.Contains("service photos (proxy-routes/x.yaml:1)", _records.Current.Overlay.Select(record => record.Record.Source.ToString()));
    }

    [Fact]
    public void Without_services_nothing_is_listed_not_even_the_domain()
    {
        Declare(Service("photos"));
        Declare();
        Assert.Empty(Said());
        Assert.Equal(2, _changes);
    }

    [Fact]
    public void A_stream_and_a_wildcard_are_not_listed()
    {
        Declare(Service("ssh") with { To = [], Stream = new ServiceStream { Protocol = StreamProtocol.Tcp, To = [new Uri("tcp://127.0.0.1:22")] } }, Service("any") with { Hosts = ["*.nas.example.com"] });
        Assert.Empty(Said());
    }

    [Fact]
    public void What_changes_nothing_of_the_list_is_not_told()
    {
        Declare(Service("photos"));
        Declare(Service("photos") with { To = [new Uri("http://127.0.0.1:9001")] });
        Assert.Equal(1, _changes);
    }

    private void Declare(params Service[] services)
    {
        _services.Apply(new ServiceSet(1, [.. services], []));
        _time.Advance(TimeSpan.FromMilliseconds(100));
    }

    private string[] Said() => [.. _records.Current.Overlay.Select(record => string.Join(' ', RecordText.Format(record.Record).Split(' ').Where((_, place) => place is not (1 or 2)))).Order(StringComparer.Ordinal)];

    private static Service Service(string name) => new() { Name = name, Hosts = [$"{name}.nas.example.com"], To = [new Uri("http://127.0.0.1:9000")], Source = SourceKind.File, Where = "proxy-routes/x.yaml:1" };
}
