using System.Diagnostics;
using Edge.Tests.Whole;

namespace Edge.Tests.House;

/// <summary>
/// A house made of network namespaces: a router with NAT and DHCP, the box that runs Edge, a client that knows nothing
/// but what DHCP tells it, and an "internet" with one resolver. The link to the internet can be cut.
/// <code>
///   client ──┐
///            ├─ bridge in the router (192.168.77.1) ── NAT ── 203.0.113.2 ──✂── 203.0.113.1 internet (198.51.100.53)
///   box ─────┘ 192.168.77.2
/// </code>
/// </summary>
public sealed class HouseLab : IAsyncLifetime
{
    public const string RouterAddress = "192.168.77.1";
    public const string BoxAddress = "192.168.77.2";
    public const string PublicAddress = "203.0.113.2";
    public const string ResolverAddress = "198.51.100.53";

    private static readonly (string Program, string Package)[] Programs =
    [
        ("ip", "iproute2"), ("nft", "nftables"), ("dnsmasq", "dnsmasq-base"), ("busybox", "busybox-static"), ("unbound", "unbound"), ("dig", "bind9-dnsutils"), ("curl", "curl"),
    ];

    private readonly List<Process> _daemons = [];

    /// <summary>Where the programs of the lab keep their files.</summary>
    internal string Folder { get; } = Directory.CreateTempSubdirectory("edge-house-").FullName;

    internal LabHost Router { get; } = new("router");

    internal LabHost Box { get; } = new("box");

    internal LabHost Client { get; } = new("client");

    internal LabHost Internet { get; } = new("internet");

    /// <summary>Null when the lab stands; else why it cannot on this machine.</summary>
    internal string? Missing { get; private set; }

    internal FakeInternet Resolver => field ??= new FakeInternet(this);

    public async ValueTask InitializeAsync()
    {
        Missing = await WhyNotAsync();
        if (Missing is not null)
        {
            return;
        }

        foreach (var host in Hosts)
        {
            await host.CreateAsync();
        }

        await BuildLanAsync();
        await BuildInternetAsync();
        await Resolver.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var daemon in _daemons)
        {
            if (!daemon.HasExited)
            {
                daemon.Kill(entireProcessTree: true);
            }

            await daemon.WaitForExitAsync();
            daemon.Dispose();
        }

        foreach (var host in Hosts)
        {
            await host.RemoveAsync();
        }

        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Cuts the house from the internet, as the provider does, or ends that.</summary>
    internal async Task LinkAsync(bool up)
    {
        await Router.RunAsync("ip", "link", "set", "wan0", up ? "up" : "down");
        if (up)
        {
            // The way out goes with the link.
            await Router.RunAsync("ip", "route", "replace", "198.51.100.0/24", "via", "203.0.113.1");
        }
    }

    /// <summary>The link stays up and nothing comes back: the provider's fault, and the harder one to notice.</summary>
    internal Task SilenceAsync(bool silent) => silent
        ? Internet.RunAsync("nft", "add table ip silence; add chain ip silence in { type filter hook input priority 0; policy drop; }")
        : Internet.RunAsync("nft", "delete table ip silence");

    /// <summary>What comes from the internet to these ports, and to no others, goes to the box.</summary>
    internal async Task ForwardAsync(params int[] ports)
    {
        await Router.RunAsync("nft", "add chain ip nat pre { type nat hook prerouting priority dstnat; }; flush chain ip nat pre");
        foreach (var port in ports)
        {
            await Router.RunAsync("nft", $"add rule ip nat pre iifname wan0 tcp dport {port} dnat to {BoxAddress}");
        }
    }

    /// <summary>Starts the router's DHCP server, which hands out the box as the resolver.</summary>
    internal async Task StartDhcpAsync(params string[] more)
    {
        var leases = Path.Combine(Folder, "dnsmasq.leases");
        Start(Router, "dnsmasq", [.. more, "--keep-in-foreground", "--port=0", "--conf-file=/dev/null", "--user=root", "--interface=br-lan", "--except-interface=lo",
            "--bind-interfaces", "--dhcp-range=192.168.77.100,192.168.77.150,255.255.255.0,10m", $"--dhcp-option=option:router,{RouterAddress}",
            $"--dhcp-option=option:dns-server,{BoxAddress}", "--dhcp-authoritative", "--no-ping", "--log-facility=-", $"--dhcp-leasefile={leases}", "--pid-file="]);
        await Eventually.TrueAsync(async () => (await Router.RunAsync("ss", "-lun")).Contains(":67 ", StringComparison.Ordinal), () => "dnsmasq does not listen");
    }

    /// <summary>The client asks for an address and takes over what it gets, its resolver too.</summary>
    internal Task<string> ConnectClientAsync(string name = "laptop") => DhcpClient.ConnectAsync(Client, Folder, name);

    /// <summary>The client has an address as from an earlier lease.</summary>
    internal async Task PlaceClientAsync()
    {
        await Client.RunAsync("ip", "addr", "replace", "192.168.77.99/24", "dev", "eth0");
        await Client.RunAsync("ip", "route", "replace", "default", "via", RouterAddress);
    }

    /// <summary>Starts a program that goes on until the lab ends.</summary>
    internal Process Start(LabHost host, string program, params string[] arguments)
    {
        var process = host.Start(Path.Combine(Folder, $"{host.Role}-{program}.log"), program, arguments);
        _daemons.Add(process);
        return process;
    }

    private LabHost[] Hosts => [Router, Box, Client, Internet];

    private static async Task<string?> WhyNotAsync()
    {
        if (Programs.FirstOrDefault(each => !Shell.Has(each.Program)) is { Program: not null } missing)
        {
            return $"{missing.Program} is not installed (apt-get install {missing.Package})";
        }

        var probe = new LabHost("probe");
        var said = await probe.CreateAsync();
        await probe.RemoveAsync();
        return said.Length == 0 ? null : $"network namespaces cannot be made here: {said}";
    }

    private async Task BuildLanAsync()
    {
        await Router.RunAsync("ip", "link", "add", "br-lan", "type", "bridge");
        await Router.RunAsync("ip", "link", "set", "br-lan", "up");
        await Router.RunAsync("ip", "addr", "add", $"{RouterAddress}/24", "dev", "br-lan");
        foreach (var host in (LabHost[])[Box, Client])
        {
            await Router.ConnectAsync($"to-{host.Role}", host, "eth0");
            await Router.RunAsync("ip", "link", "set", $"to-{host.Role}", "master", "br-lan");
        }

        await Box.RunAsync("ip", "addr", "add", $"{BoxAddress}/24", "dev", "eth0");
        await Box.RunAsync("ip", "route", "add", "default", "via", RouterAddress);
    }

    private async Task BuildInternetAsync()
    {
        await Router.ConnectAsync("wan0", Internet, "to-house");
        await Router.RunAsync("ip", "addr", "add", $"{PublicAddress}/24", "dev", "wan0");
        await Internet.RunAsync("ip", "addr", "add", "203.0.113.1/24", "dev", "to-house");
        await Internet.RunAsync("ip", "addr", "add", $"{ResolverAddress}/32", "dev", "lo");
        await LinkAsync(up: true);
        await Router.RunAsync("sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward");
        await Router.RunAsync("nft", "add table ip nat; add chain ip nat post { type nat hook postrouting priority srcnat; }; add rule ip nat post oifname wan0 masquerade");
    }
}
