using System.Net;
using Edge.Names;
using Edge.Names.Multicast;
using Edge.Services;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Edge.Tests.Names.Multicast;

/// <summary>What of services is told to neighbours.</summary>
public sealed class MulticastServicesTests : IDisposable
{
    private static readonly GatewayPlaces Everywhere = Places("0.0.0.0:80", "0.0.0.0:443");

    private readonly FakeTimeProvider _time = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("edge-mdns-").FullName;
    private int _changes;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_web_service_is_told_of_with_both_ports_and_a_stream_by_its_host_alone()
    {
        using var settled = Settled();
        var services = new MulticastServices(Everywhere, settled);
        settled.Apply(Set(Service("photos"), Service("ssh") with { To = [], Stream = new ServiceStream { Protocol = StreamProtocol.Tcp, To = [new Uri("tcp://127.0.0.1:22")] } }));
        Assert.Equal(["photos _http._tcp:80 _https._tcp:443", "ssh"], services.Publications([]).Select(one => string.Join(' ', [one.Label, .. one.Instances.Select(way => $"{way.Type}:{way.Port}")])));
        Assert.Equal("photos.nas.example.com", services.HostOf("photos"));
        Assert.Null(services.HostOf("music"));
    }

    [Fact]
    public void What_a_neighbour_announces_is_not_announced_again_and_parts_of_types_are_said()
    {
        using var settled = Settled();
        var services = new MulticastServices(Everywhere, settled);
        settled.Apply(Set(Service("photos"), Service("printer") with { Announced = new AnnouncedService("Printer", null) }));
        var publication = Assert.Single(services.Publications(["_album"]));
        Assert.Equal("photos", publication.Label);
        Assert.All(publication.Instances, instance => Assert.Equal(["_album"], instance.Subtypes));
    }

    [Fact]
    public void A_thousand_changes_are_one_a_moment_later()
    {
        using var services = Settled();
        for (var i = 0; i < 1000; i++)
        {
            services.Apply(Set(Service($"s{i}")));
        }

        Assert.Equal(0, _changes);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(1, _changes);
        services.Apply(Set());
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(2, _changes);
    }

    [Fact]
    public void Of_very_many_services_the_first_two_hundred_are_told_of()
    {
        using var settled = Settled();
        var services = new MulticastServices(Everywhere, settled);
        settled.Apply(Set([.. Enumerable.Range(0, 300).Select(i => Service($"s{i:000}"))]));
        Assert.Equal(200, services.Publications([]).Length);
        Assert.Equal("s199", services.Publications([])[^1].Label);
    }

    [Theory]
    [InlineData("0.0.0.0:80", "0.0.0.0:443", true, "_http._tcp:80 _https._tcp:443", "")]
    [InlineData("[::]:80", "192.168.1.10:443", true, "_http._tcp:80 _https._tcp:443", "")]
    [InlineData("192.168.1.10:80", "192.168.1.10:443", true, "_http._tcp:80 _https._tcp:443", "192.168.1.10")]
    [InlineData("127.0.0.1:80", "192.168.1.10:443", true, "_https._tcp:443", "127.0.0.1 192.168.1.10")]
    [InlineData("127.0.0.1:8080", "[::1]:8443", false, "", "127.0.0.1 ::1")]
    public void Only_what_a_neighbour_can_reach_is_told(string http, string https, bool isReachable, string instances, string at)
    {
        var places = Places(http, https);
        var publication = places.Publish("photos", []);
        Assert.Equal(
            (isReachable, instances, at),
            (places.AreReachable, string.Join(' ', publication.Instances.Select(way => $"{way.Type}:{way.Port}")), string.Join(' ', publication.At)));
    }

    [Fact]
    public void Numbers_of_names_outlive_the_process_and_nonsense_in_the_file_is_passed_over()
    {
        using (var numbers = new MulticastNumbers(_folder, _time, NullLogger.Instance))
        {
            numbers.Keep("photos.local", 3);
        }

        File.AppendAllText(Path.Combine(_folder, "mdns-names"), "music.local minus\nx.local 0\n\nz.local 99999999\n");
        using var again = new MulticastNumbers(_folder, _time, NullLogger.Instance);
        Assert.Equal([3, 1, 1, 1], ((string[])["photos.local", "music.local", "x.local", "z.local"]).Select(again.Of));
    }

    [Fact]
    public void Numbers_are_written_once_for_all_of_a_second_and_not_by_whoever_tells_of_them()
    {
        var file = Path.Combine(_folder, "mdns-names");
        using var numbers = new MulticastNumbers(_folder, _time, NullLogger.Instance);
        for (var i = 2; i <= 340; i++)
        {
            numbers.Keep("photos.local", i);
        }

        numbers.Keep("music.local", 2);
        Assert.False(File.Exists(file));
        Assert.Equal(340, numbers.Of("photos.local"));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("music.local 2\nphotos.local 340\n", File.ReadAllText(file));

        // What is known already is not written again.
        File.Delete(file);
        numbers.Keep("music.local", 2);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(File.Exists(file));
    }

    private SettledServices Settled()
    {
        var settled = new SettledServices(_time, NullLogger.Instance);
        settled.Changed += () => _changes++;
        return settled;
    }

    private static GatewayPlaces Places(string http, string https) => new([IPEndPoint.Parse(http)], [IPEndPoint.Parse(https)]);

    private static ServiceSet Set(params Service[] services) => new(1, [.. services], []);

    private static Service Service(string name) => new() { Name = name, Hosts = [$"{name}.nas.example.com"], To = [new Uri("http://127.0.0.1:9000")], Source = SourceKind.File, Where = "proxy-routes/x.yaml:1" };
}
