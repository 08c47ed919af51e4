using Edge.Tests.Whole;

namespace Edge.Tests.House;

/// <summary>What the house knows of the internet: Unbound with a few names of its own, as the resolver of a provider.</summary>
internal sealed class FakeInternet(HouseLab lab)
{
    /// <summary>Time to live of <c>short.public.test</c>: soon over, so that what is served later is stale.</summary>
    public const int ShortTtl = 1;

    public async Task StartAsync()
    {
        var file = Path.Combine(lab.Folder, "unbound.conf");
        await File.WriteAllTextAsync(file, $"""
            server:
              interface: {HouseLab.ResolverAddress}
              access-control: 0.0.0.0/0 allow
              username: ""
              chroot: ""
              directory: "{lab.Folder}"
              pidfile: ""
              use-syslog: no
              do-daemonize: no
              module-config: "iterator"
              local-zone: "example." static
              local-data: "www.public.example. 300 A 198.51.100.80"
              local-data: "short.public.example. {ShortTtl} A 198.51.100.81"
              local-data: "later.public.example. 300 A 198.51.100.82"
              local-data: "ads.tracker.example. 300 A 198.51.100.66"
              local-data: "shop.elsewhere.example. 300 A {HouseLab.PublicAddress}"
              local-data: "rebinding.public.example. 300 A 192.168.77.1"
            remote-control:
              control-enable: no
            """);
        lab.Start(lab.Internet, "unbound", "-d", "-c", file);
        await Eventually.TrueAsync(
            async () => await lab.Internet.RunAsync("dig", $"@{HouseLab.ResolverAddress}", "+short", "+tries=1", "+time=1", "www.public.example") == "198.51.100.80",
            () => "the internet's resolver does not answer");
    }
}
