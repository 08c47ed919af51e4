using System.Diagnostics;
using Edge.Tests.Whole;

namespace Edge.Tests.House;

/// <summary>
/// A LAN without a server: the box that runs Edge and a neighbour with Avahi, each a network namespace, on one switch (a bridge).
/// It is removed with the test.
/// </summary>
internal sealed class NeighbourLab : IAsyncDisposable
{
    public const string BoxAddress = "192.168.77.2";
    public const string BoxAddressV6 = "fd77::2";
    public const string NeighbourAddress = "192.168.77.3";

    private readonly List<Process> _daemons = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("edge-neighbours-").FullName;
    private readonly LabHost _switch = new("switch");
    private EdgeProcess? _edge;

    private NeighbourLab()
    {
    }

    public LabHost Box { get; } = new("box");

    public LabHost Neighbour { get; } = new("neighbour");

    public EdgeProcess Edge => _edge!;

    /// <summary>Makes the LAN, or skips the test where it cannot be.</summary>
    public static async Task<NeighbourLab> CreateOrSkipAsync()
    {
        Shell.Need("ip", "iproute2");
        Shell.Need("dig", "bind9-dnsutils");
        Shell.Need("avahi-daemon", "avahi-daemon");
        Shell.Need("avahi-browse", "avahi-utils");
        Shell.Need("dbus-daemon", "dbus");
        var lab = new NeighbourLab();
        await lab._switch.CreateAsync();
        if (await lab._switch.RunAsync("echo", "yes") != "yes")
        {
            await lab.DisposeAsync();
            Assert.Skip("network namespaces need root and a kernel that allows them");
        }

        await lab._switch.RunAsync("ip", "link", "add", "lan", "type", "bridge", "stp_state", "0", "mcast_snooping", "0");
        await lab._switch.RunAsync("ip", "link", "set", "lan", "up");
        foreach (var (host, address) in ((LabHost, string)[])[(lab.Box, "2"), (lab.Neighbour, "3")])
        {
            await host.CreateAsync();
            await host.ConnectAsync("eth0", lab._switch, host.Role);
            await lab._switch.RunAsync("ip", "link", "set", host.Role, "master", "lan");
            await host.RunAsync("ip", "addr", "add", $"192.168.77.{address}/24", "dev", "eth0");
            await host.RunAsync("ip", "addr", "add", $"fd77::{address}/64", "dev", "eth0", "nodad");
        }

        return lab;
    }

    /// <summary>Starts Avahi on a host; it ends with the process that is given back.</summary>
    public async Task<Process> AvahiAsync(LabHost host, string name, params (string Name, string Type, int Port, string Text)[] services)
    {
        var etc = Path.Combine(host.Etc, "avahi");
        Directory.CreateDirectory(Path.Combine(etc, "services"));
        await File.WriteAllTextAsync(Path.Combine(etc, "hosts"), "");
        await File.WriteAllTextAsync(Path.Combine(etc, "avahi-daemon.conf"), $"""
            [server]
            host-name={name}
            allow-interfaces=eth0
            use-ipv4=yes
            use-ipv6=yes
            ratelimit-interval-usec=0
            [publish]
            publish-workstation=no

            """);
        for (var i = 0; i < services.Length; i++)
        {
            await File.WriteAllTextAsync(Path.Combine(etc, "services", $"{i}.service"), $"""
                <?xml version="1.0" standalone="no"?>
                <!DOCTYPE service-group SYSTEM "avahi-service.dtd">
                <service-group><name>{services[i].Name}</name><service><type>{services[i].Type}</type><port>{services[i].Port}</port><txt-record>{services[i].Text}</txt-record></service></service-group>

                """);
        }

        var log = Path.Combine(_folder, $"avahi-{host.Role}-{_daemons.Count}.log");
        var daemon = host.Start(log, "sh", "-c", "mount -t tmpfs tmpfs /run/dbus; mkdir -p /run/avahi-daemon; mount -t tmpfs tmpfs /run/avahi-daemon; "
            + "dbus-daemon --system --fork --nopidfile; exec avahi-daemon --no-drop-root --no-rlimits --no-chroot");
        _daemons.Add(daemon);
        await Eventually.TrueAsync(
            () => Task.FromResult(File.Exists(log) && File.ReadAllText(log).Contains("startup complete", StringComparison.Ordinal)),
            () => $"Avahi does not start:\n{(File.Exists(log) ? File.ReadAllText(log) : "")}", () => daemon.HasExited);
        return daemon;
    }

    /// <summary>Runs a tool of Avahi beside a daemon of it.</summary>
    public static Task<string> AskAsync(Process avahi, params string[] words) => Shell.OutputAsync("timeout", ["15", "nsenter", "-t", $"{avahi.Id}", "-n", "-m", .. words]);

    /// <summary>What Avahi finds of a type: name, host, address and port of each, by the family.</summary>
    public static async Task<string[]> BrowseAsync(Process avahi, string type) =>
        [.. (await AskAsync(avahi, "avahi-browse", "-trp", type)).Split('\n').Where(line => line.StartsWith('=')).Select(line => line.Split(';')).Select(words => $"{words[2]} {words[3]} {words[6]} {words[7]} {words[8]} {words[9]}").Order(StringComparer.Ordinal)];

    /// <summary>Starts a tool of Avahi beside a daemon of it; it ends with the lab.</summary>
    public Process Publish(Process avahi, params string[] words)
    {
        var process = Process.Start(new ProcessStartInfo("nsenter", ["-t", $"{avahi.Id}", "-n", "-m", .. words]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _daemons.Add(process);
        return process;
    }

    /// <summary>Starts Edge on the box, with one service "photos".</summary>
    public async Task<EdgeProcess> StartEdgeAsync(string more = "")
    {
        _edge = EdgeProcess.InExampleFolder(EdgeProcess.PublishedBinary);
        _edge.Before = Box.Inside;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(_edge.Folder, "zones"), "*", SearchOption.AllDirectories).Concat(Directory.EnumerateFiles(Path.Combine(_edge.Folder, "proxy-routes"))).ToList())
        {
            File.Delete(file);
        }

        WriteService("photos");
        WriteSettings(more);
        await RestartEdgeAsync();
        return _edge;
    }

    /// <summary>Writes edge.yaml.</summary>
    public void WriteSettings(string more) =>
        Edge.WriteSettings(_ => $"""
            domain: example.com
            node: nas
            views:
              public:
                addresses: [203.0.113.2]
            dns:
              listen: [0.0.0.0:53]
              upstreams: [192.0.2.1]
            gateway:
              http: [0.0.0.0:80]
              https: [0.0.0.0:443]
            {more}
            """);

    public async Task RestartEdgeAsync()
    {
        Edge.Forget();
        Edge.StartOnly();
        await Eventually.TrueAsync(
            async () => (await DigAsync("nas.example.com")).Contains("status: NOERROR", StringComparison.Ordinal), () => $"Edge does not answer:\n{Edge.Output}", () => Edge.HasEnded);
    }

    public void WriteService(string name) => File.WriteAllText(ServiceFile(name), $"services:\n  {name}:\n    to: http://127.0.0.1:9000\n");

    public void RemoveService(string name) => File.Delete(ServiceFile(name));

    /// <summary>dig's answer from Edge, asked on the box.</summary>
    public Task<string> DigAsync(params string[] question) => Box.RunAsync("dig", ["@127.0.0.1", "+tries=1", "+time=2", .. question]);

    public async ValueTask DisposeAsync()
    {
        if (_edge is not null)
        {
            await _edge.DisposeAsync();
        }

        foreach (var daemon in _daemons)
        {
            if (!daemon.HasExited)
            {
                daemon.Kill(entireProcessTree: true);
            }

            await daemon.WaitForExitAsync();
            daemon.Dispose();
        }

        foreach (var host in (LabHost[])[Box, Neighbour, _switch])
        {
            await host.RemoveAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private string ServiceFile(string name) => Path.Combine(Edge.Folder, "proxy-routes", $"{name}.yaml");
}
