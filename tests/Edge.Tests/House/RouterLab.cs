using System.Diagnostics;
using Edge.Tests.Whole;

namespace Edge.Tests.House;

/// <summary>
/// A house whose router is miniupnpd, which speaks PCP, NAT-PMP and UPnP, with an address outside that counts as one of the internet.
/// <code>
///   box 192.168.77.2 ── 192.168.77.1 router (NAT, miniupnpd) 5.5.5.2 ── 5.5.5.1 internet
/// </code>
/// </summary>
public sealed class RouterLab : IAsyncLifetime
{
    public const string BoxAddress = "192.168.77.2";
    public const string FirstAddress = "5.5.5.2";
    public const string SecondAddress = "5.5.5.3";
    public const string InternetAddress = "5.5.5.1";

    private static readonly (string Program, string Package)[] Programs =
        [("ip", "iproute2"), ("nft", "nftables"), ("miniupnpd", "miniupnpd-nftables"), ("upnpc", "miniupnpc"), ("dig", "bind9-dnsutils"), ("curl", "curl")];

    private readonly string _folder = Directory.CreateTempSubdirectory("edge-router-").FullName;
    private readonly List<EdgeProcess> _edges = [];
    private Process? _daemon;
    private int _starts;

    internal LabHost Router { get; } = new("router");

    internal LabHost Box { get; } = new("box");

    internal LabHost Internet { get; } = new("internet");

    /// <summary>Null when the lab stands; else why it cannot on this machine.</summary>
    internal string? Missing { get; private set; }

    /// <summary>The router's address outside.</summary>
    internal string Wan { get; private set; } = FirstAddress;

    public async ValueTask InitializeAsync()
    {
        Missing = Programs.FirstOrDefault(each => !Shell.Has(each.Program)) is { Program: not null } missing ? $"{missing.Program} is not installed (apt-get install {missing.Package})" : null;
        if (Missing is not null)
        {
            return;
        }

        foreach (var host in Hosts)
        {
            var said = await host.CreateAsync();
            Missing ??= said.Length == 0 ? null : $"network namespaces cannot be made here: {said}";
        }

        await Router.RunAsync("ip", "link", "add", "br-lan", "type", "bridge");
        await Router.RunAsync("ip", "link", "set", "br-lan", "up");
        await Router.RunAsync("ip", "addr", "add", "192.168.77.1/24", "dev", "br-lan");
        await JoinAsync(Box);
        await Box.RunAsync("ip", "addr", "add", $"{BoxAddress}/24", "dev", "eth0");
        await Box.RunAsync("ip", "route", "add", "default", "via", "192.168.77.1");
        await Router.ConnectAsync("wan0", Internet, "to-house");
        await Internet.RunAsync("ip", "addr", "add", $"{InternetAddress}/24", "dev", "to-house");
        await Internet.RunAsync("ip", "addr", "add", "100.64.0.1/24", "dev", "to-house");
        await Router.RunAsync("sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward");
        // A kernel that shows bridged packets to the rules of routing sends those that turn around back by the bridge, which drops them.
        await Router.RunAsync("sh", "-c", "[ ! -e /proc/sys/net/bridge ] || echo 0 >/proc/sys/net/bridge/bridge-nf-call-iptables");
        await Router.RunAsync("nft", "add table ip nat; add chain ip nat post { type nat hook postrouting priority srcnat; }; add rule ip nat post oifname wan0 masquerade; add chain ip nat pre { type nat hook prerouting priority dstnat; }");
        await UseAddressAsync(FirstAddress, "5.5.5.1");
    }

    public async ValueTask DisposeAsync()
    {
        await EndEdgesAsync();
        await StopRouterAsync();
        foreach (var host in Hosts)
        {
            await host.RemoveAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Lays a cable from a host to the LAN.</summary>
    internal async Task JoinAsync(LabHost host)
    {
        await Router.ConnectAsync($"to-{host.Role}", host, "eth0");
        await Router.RunAsync("ip", "link", "set", $"to-{host.Role}", "master", "br-lan");
    }

    /// <summary>Leads questions for the names of the box in, which the ports of HTTP are not for.</summary>
    internal Task ForwardDnsAsync() => Router.RunAsync(
        "nft", $"add rule ip nat pre iifname wan0 udp dport 53 dnat to {BoxAddress}; add rule ip nat pre iifname wan0 tcp dport 53 dnat to {BoxAddress}");

    /// <summary>Cuts the house from the internet, or ends that.</summary>
    internal async Task LinkAsync(bool up)
    {
        await Router.RunAsync("ip", "link", "set", "wan0", up ? "up" : "down");
        if (up)
        {
            // The way out goes with the link.
            await Router.RunAsync("ip", "route", "replace", "default", "via", InternetAddress);
        }
    }

    /// <summary>The provider gives the router another address, or takes it away.</summary>
    internal async Task UseAddressAsync(string? address, string provider = InternetAddress)
    {
        await Router.RunAsync("ip", "addr", "flush", "dev", "wan0");
        if (address is null)
        {
            return;
        }

        await Router.RunAsync("ip", "addr", "add", $"{address}/24", "dev", "wan0");
        await Router.RunAsync("ip", "route", "replace", "default", "via", provider);
        Wan = address;
    }

    /// <summary>Begins anew: a router with nothing mapped, no Edge, the first address.</summary>
    internal async Task BeginAsync(bool speaksUpnp = true, bool speaksNatPmp = true, bool isSecure = true)
    {
        await EndEdgesAsync();
        await StopRouterAsync();
        await Router.RunAsync("nft", "flush chain ip nat pre; flush chain ip nat post; add rule ip nat post oifname wan0 masquerade");
        await UseAddressAsync(FirstAddress);
        await MoveBoxAsync(BoxAddress);
        await StartRouterAsync(speaksUpnp, speaksNatPmp, isSecure);
    }

    /// <summary>Starts the daemon of the router, which has forgotten all that it knew.</summary>
    internal async Task StartRouterAsync(bool speaksUpnp = true, bool speaksNatPmp = true, bool isSecure = true)
    {
        await Router.RunAsync("nft", """
            table inet miniupnpd {
              chain forward { type filter hook forward priority -10; policy accept; jump miniupnpd; }
              chain miniupnpd { }
              chain prerouting { type nat hook prerouting priority -100; policy accept; jump prerouting_miniupnpd; }
              chain postrouting { type nat hook postrouting priority 100; policy accept; jump postrouting_miniupnpd; }
              chain prerouting_miniupnpd { }
              chain postrouting_miniupnpd { }
            }
            """);
        var file = Path.Combine(_folder, "miniupnpd.conf");
        await File.WriteAllTextAsync(file, $"""
            ext_ifname=wan0
            listening_ip=br-lan
            http_port=5000
            enable_natpmp={(speaksNatPmp ? "yes" : "no")}
            enable_upnp={(speaksUpnp ? "yes" : "no")}
            secure_mode={(isSecure ? "yes" : "no")}
            upnp_table_name=miniupnpd
            upnp_nat_table_name=miniupnpd
            upnp_forward_chain=miniupnpd
            upnp_nat_chain=prerouting_miniupnpd
            upnp_nat_postrouting_chain=postrouting_miniupnpd
            allow 1-65535 192.168.77.0/24 1-65535
            deny 0-65535 0.0.0.0/0 0-65535

            """);
        var log = Path.Combine(_folder, $"miniupnpd-{++_starts}.log");
        _daemon = Router.Start(log, "miniupnpd", "-d", "-f", file, "-P", Path.Combine(_folder, "miniupnpd.pid"));
        await Eventually.TrueAsync(
            async () => await Router.RunAsync("ss", "-lntu") is var open && (!speaksUpnp || open.Contains(":5000 ", StringComparison.Ordinal)) && (!speaksNatPmp || open.Contains(":5351 ", StringComparison.Ordinal)),
            () => $"miniupnpd does not listen:\n{File.ReadAllText(log)}", () => _daemon.HasExited);
    }

    /// <summary>The router loses power: nothing is left of what it had mapped.</summary>
    internal async Task StopRouterAsync()
    {
        if (_daemon is { } daemon)
        {
            if (!daemon.HasExited)
            {
                daemon.Kill(entireProcessTree: true);
            }

            await daemon.WaitForExitAsync();
            daemon.Dispose();
            _daemon = null;
        }

        await Router.RunAsync("nft", "delete", "table", "inet", "miniupnpd");
    }

    /// <summary>What comes from inside to the router's address outside is led back in, as good routers do.</summary>
    internal Task LeadBackInsideAsync() => Router.RunAsync(
        "nft", $"add rule ip nat pre iifname br-lan ip daddr {Wan} tcp dport 443 dnat to {BoxAddress}:443; add rule ip nat post ip saddr 192.168.77.0/24 ip daddr {BoxAddress} masquerade");

    /// <summary>DHCP gives the box another address in the LAN.</summary>
    internal Task MoveBoxAsync(string address) => Box.RunAsync("sh", "-c", $"ip addr flush dev eth0 scope global; ip addr add {address}/24 dev eth0; ip route replace default via 192.168.77.1");

    /// <summary>The provider lets nothing in to a port, or ends that.</summary>
    internal Task BlockAsync(bool blocks) => blocks
        ? Router.RunAsync("nft", "add table ip block; add chain ip block in { type filter hook prerouting priority raw; }; add rule ip block in iifname wan0 tcp dport 443 tcp flags syn drop")
        : Router.RunAsync("nft", "delete", "table", "ip", "block");

    /// <summary>The mappings that the router really has.</summary>
    internal Task<string> MappedAsync() => Router.RunAsync("nft", "list", "chain", "inet", "miniupnpd", "prerouting_miniupnpd");

    /// <summary>What somebody on the internet gets from the house.</summary>
    internal Task<string> FetchAsync(string? address = null) => Internet.RunAsync(
        "curl", "-sk", "--max-time", "3", "--resolve", $"photos.nas.example.com:443:{address ?? Wan}", "https://photos.nas.example.com/");

    /// <summary>The addresses of the box as somebody outside is told them.</summary>
    internal Task<string> OutsideAsync() => Box.RunAsync("dig", "@127.0.0.1", "+short", "+tries=1", "+time=2", "photos.nas.example.com");

    /// <summary>Starts Edge on a host of the lab.</summary>
    internal async Task<EdgeProcess> StartEdgeAsync(LabHost host, string settings, Action<EdgeProcess>? before = null)
    {
        var edge = EdgeProcess.InExampleFolder(EdgeProcess.PublishedBinary);
        _edges.Add(edge);
        edge.Before = host.Inside;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(edge.Folder, "zones"), "*", SearchOption.AllDirectories).Concat(Directory.EnumerateFiles(Path.Combine(edge.Folder, "proxy-routes"))).ToList())
        {
            File.Delete(file);
        }

        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "proxy-routes", "photos.yaml"), "services:\n  photos:\n    respond: hello from home\n");
        edge.WriteSettings(_ => settings);
        before?.Invoke(edge);
        edge.StartOnly();
        await Eventually.TrueAsync(
            async () => (await host.RunAsync("dig", "@127.0.0.1", "+tries=1", "+time=1", "SOA", "example.com")).Contains("status: NOERROR", StringComparison.Ordinal),
            () => $"Edge does not answer:\n{edge.Output}", () => edge.HasEnded);
        return edge;
    }

    private async Task EndEdgesAsync()
    {
        foreach (var edge in _edges)
        {
            await edge.DisposeAsync();
        }

        _edges.Clear();
    }

    private LabHost[] Hosts => [Router, Box, Internet];
}
