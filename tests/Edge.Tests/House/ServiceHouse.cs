using System.Diagnostics;
using System.Net;
using Edge.Tests.Certificates.Acme;
using Edge.Tests.Docker;
using Edge.Tests.Whole;

namespace Edge.Tests.House;

/// <summary>
/// All of a house at once: the router with miniupnpd, the box with Edge and a container engine, a device that knows what
/// DHCP tells it, and an internet with a resolver and a CA.
/// <code>
///   client (DHCP) ──────┐
///                       ├─ 192.168.77.1 router (NAT, miniupnpd, DHCP) 5.5.5.2 ──✂── 5.5.5.1 internet (Unbound, Pebble)
///   box (Edge, dockerd) ┘ 192.168.77.2
/// </code>
/// </summary>
public sealed class ServiceHouse : IAsyncLifetime
{
    private static readonly (string Program, string Package)[] Programs =
    [
        ("dnsmasq", "dnsmasq-base"), ("busybox", "busybox-static"), ("unbound", "unbound"), ("dockerd", "docker.io"), ("docker", "docker.io"), ("nsenter", "util-linux"), ("tar", "tar"), ("pebble", "pebble"),
    ];

    // Where the internet asks for the names of the house, whatever address that has otherwise: what changes at a registrar is not part of this.
    private const string NameServer = "5.5.5.9";

    private readonly string _folder = Directory.CreateTempSubdirectory("edge-house-").FullName;
    private readonly List<Process> _daemons = [];
    private Process? _engine;

    internal RouterLab Lab { get; } = new();

    internal LabHost Client { get; } = new("client");

    /// <summary>Null when the house stands; else why it cannot on this machine.</summary>
    internal string? Missing { get; private set; }

    internal string Socket => Path.Combine(_folder, "engine.sock");

    public async ValueTask InitializeAsync()
    {
        await Lab.InitializeAsync();
        Missing = Lab.Missing
            ?? (Programs.FirstOrDefault(each => !Shell.Has(each.Program)) is { Program: not null } missing ? $"{missing.Program} is not installed (apt-get install {missing.Package})" : null)
            ?? (Environment.UserName == "root" ? null : "engines of containers and network namespaces need root");
        if (Missing is not null)
        {
            return;
        }

        await Client.CreateAsync();
        await Lab.JoinAsync(Client);
        await Lab.BeginAsync();
        await Lab.ForwardDnsAsync();
        await MoveAsync(RouterLab.FirstAddress);
        await StartResolverAsync();
        await StartDhcpAsync();
        await StartEngineAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_engine is not null)
        {
            foreach (var id in (await EngineAsync("ps", "-aq")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                await EngineAsync("rm", "-f", id);
            }

            await Shell.OutputAsync("kill", "-TERM", $"{_engine.Id}");
            await _engine.WaitForExitAsync();
            _engine.Dispose();
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

        await Lab.DisposeAsync();
        await Client.RemoveAsync();
        foreach (var mount in (await File.ReadAllLinesAsync("/proc/mounts")).Select(line => line.Split(' ')[1]).Where(path => path.StartsWith(_folder, StringComparison.Ordinal)).Reverse())
        {
            await Shell.OutputAsync("umount", mount);
        }

        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The provider gives the router another address.</summary>
    internal async Task MoveAsync(string address)
    {
        await Lab.UseAddressAsync(address);
        await Lab.Router.RunAsync("ip", "addr", "add", $"{NameServer}/24", "dev", "wan0");
    }

    /// <summary>Runs a command of the engine's client to its end: "run", "-d", …</summary>
    internal Task<string> EngineAsync(params string[] words) => Shell.OutputAsync("docker", ["-H", $"unix://{Socket}", .. words]);

    internal Task<string> ConnectClientAsync() => DhcpClient.ConnectAsync(Client, _folder, "laptop");

    /// <summary>A CA on the internet, which asks the resolver there and gets in no further than anybody else.</summary>
    internal PebbleServer Authority() =>
        new(Directory.CreateDirectory(Path.Combine(_folder, "authority")).FullName, new IPEndPoint(IPAddress.Parse(RouterLab.InternetAddress), 53), 36000, Lab.Internet) { RefusedNonces = 20 };

    private async Task StartResolverAsync()
    {
        var file = Path.Combine(_folder, "unbound.conf");
        await File.WriteAllTextAsync(file, $"""
            server:
              interface: {RouterLab.InternetAddress}
              access-control: 0.0.0.0/0 allow
              username: ""
              chroot: ""
              directory: "{_folder}"
              pidfile: ""
              use-syslog: no
              do-daemonize: no
              module-config: "iterator"
              cache-max-ttl: 1
              cache-max-negative-ttl: 1
              infra-host-ttl: 1
              local-data: "www.public.example. 300 A 198.51.100.80"
            stub-zone:
              name: "example.com"
              stub-addr: {NameServer}
            remote-control:
              control-enable: no
            """);
        Start(Lab.Internet, "unbound", "-d", "-c", file);
        await File.WriteAllTextAsync(Path.Combine(Lab.Internet.Etc, "resolv.conf"), $"nameserver {RouterLab.InternetAddress}\n");
        await Eventually.TrueAsync(
            async () => await Lab.Internet.RunAsync("dig", "+short", "+tries=1", "+time=1", "www.public.example") == "198.51.100.80", () => "the internet's resolver does not answer");
    }

    private async Task StartDhcpAsync()
    {
        Start(Lab.Router, "dnsmasq", "--keep-in-foreground", "--port=0", "--conf-file=/dev/null", "--user=root", "--interface=br-lan", "--except-interface=lo", "--bind-interfaces",
            "--dhcp-range=192.168.77.100,192.168.77.150,255.255.255.0,10m", "--dhcp-option=option:router,192.168.77.1", $"--dhcp-option=option:dns-server,{RouterLab.BoxAddress}",
            "--dhcp-authoritative", "--no-ping", "--log-facility=-", $"--dhcp-leasefile={Path.Combine(_folder, "leases")}", "--pid-file=");
        await Eventually.TrueAsync(async () => (await Lab.Router.RunAsync("ss", "-lun")).Contains(":67 ", StringComparison.Ordinal), () => "dnsmasq does not listen");
    }

    private async Task StartEngineAsync()
    {
        var log = Path.Combine(_folder, "engine.log");
        _engine = LabHost.StartProgram(log,
        [
            "nsenter", $"--net=/run/netns/{Lab.Box.Name}", "dockerd", "--data-root", Path.Combine(_folder, "data"), "--exec-root", Path.Combine(_folder, "exec"), "--pidfile", Path.Combine(_folder, "pid"), "-H", $"unix://{Socket}",
        ]);
        await Eventually.TrueAsync(
            async () => await Shell.OutputAsync("curl", "-s", "-m", "2", "--unix-socket", Socket, "http://engine/_ping") == "OK", () => $"the engine does not answer:\n{File.ReadAllText(log)}", () => _engine.HasExited);
        await EngineAsync(await ContainerImage.PackAsync(_folder));
    }

    private void Start(LabHost host, string program, params string[] words) => _daemons.Add(host.Start(Path.Combine(_folder, $"{host.Role}-{program}.log"), program, words));
}
