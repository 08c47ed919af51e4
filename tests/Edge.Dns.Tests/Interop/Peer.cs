using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Edge.Dns.Tests.Nameserver;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Interop;

/// <summary>A real name server on a loopback port, with a temporary folder of its own, that serves the same zone files.</summary>
internal sealed class Peer : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-peer-");
    private readonly List<string> _output = [];
    private readonly Process _process;

    private Peer(string name, string program, string package, Func<string, int, string> config, Func<string, string[]> arguments, IPEndPoint? at = null)
    {
        Name = name;
        EndPoint = at ?? new IPEndPoint(IPAddress.Loopback, FreePorts.Next());
        var file = Path.Combine(_folder.FullName, "server.conf");
        File.WriteAllText(file, config(_folder.FullName, EndPoint.Port));
        try
        {
            _process = Process.Start(new ProcessStartInfo(program, arguments(file)) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = _folder.FullName })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            _folder.Delete(recursive: true);
            Assert.Skip($"{program} is missing: apt-get install {package}");
            throw;
        }

        _process.ErrorDataReceived += (_, e) => Told(e.Data);
        _process.OutputDataReceived += (_, e) => Told(e.Data);
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
    }

    public string Name { get; }

    public IPEndPoint EndPoint { get; }

    /// <summary>One of each, started at the same time.</summary>
    public static async Task<Peer[]> StartAllAsync(IReadOnlyCollection<SharedZone> zones)
    {
        var peers = new List<Peer>();
        try
        {
            peers.AddRange(((Func<IEnumerable<SharedZone>, Peer>[])[Bind, Knot, zones => Nsd(zones)]).Select(start => start(zones)));
            await Task.WhenAll(peers.Select(peer => peer.ReadyAsync(zones)));
            return [.. peers];
        }
        catch
        {
            peers.ForEach(peer => peer.Dispose());
            throw;
        }
    }

    public static Peer Bind(IEnumerable<SharedZone> zones) => new("bind", "named", "bind9", (folder, port) => $$"""
        options {
          directory "{{folder}}"; pid-file none; session-keyfile none; recursion no; dnssec-validation no; notify no;
          listen-on port {{port}} { 127.0.0.1; }; listen-on-v6 { none; };
          minimal-responses yes; answer-cookie no; max-udp-size 1232; edns-udp-size 1232; nocookie-udp-size 1232;
          check-names primary ignore; check-integrity no; zero-no-soa-ttl no; empty-zones-enable no;
        };
        controls { };
        {{string.Join('\n', zones.Select(zone => $"zone \"{zone.Origin.ToHostString()}\" {{ type primary; file \"{zone.File}\"; }};"))}}
        """, file => ["-g", "-n", "1", "-c", file]);

    public static Peer Knot(IEnumerable<SharedZone> zones) => new("knot", "knotd", "knot", (folder, port) => $"""
        server:
            rundir: "{folder}"
            listen: 127.0.0.1@{port}
            udp-workers: 1
            tcp-workers: 1
            background-workers: 1
            udp-max-payload: 1232
        database:
            storage: "{folder}"
        log:
          - target: stderr
            any: warning
        template:
          - id: default
            storage: "{folder}"
            journal-content: none
            zonefile-sync: -1
            semantic-checks: off
        zone:
        {string.Join('\n', zones.Select(zone => $"  - domain: \"{zone.Origin}\"\n    file: \"{zone.File}\""))}
        """, file => ["-c", file]);

    public static Peer Nsd(IEnumerable<SharedZone> zones, IPEndPoint? at = null) => new("nsd", "nsd", "nsd", (folder, port) => $"""
        server:
            ip-address: {at?.Address ?? IPAddress.Loopback}@{port}
            username: ""
            chroot: ""
            zonesdir: "{folder}"
            database: ""
            pidfile: "{folder}/pid"
            xfrdfile: "{folder}/xfrd"
            xfrdir: "{folder}"
            zonelistfile: "{folder}/zones"
            server-count: 1
            ipv4-edns-size: 1232
            minimal-responses: yes
            refuse-any: no
            rrl-ratelimit: 0
        remote-control:
            control-enable: no
        {string.Join('\n', zones.Select(zone => $"zone:\n    name: \"{zone.Origin}\"\n    zonefile: \"{zone.File}\""))}
        """, file => ["-d", "-c", file], at);

    /// <summary>Waits until it serves every zone.</summary>
    public async Task ReadyAsync(IEnumerable<SharedZone> zones)
    {
        var deadline = DateTime.UtcNow.AddSeconds(30);
        foreach (var zone in zones)
        {
            var query = TestNameserver.Query(zone.Origin.ToString(), "SOA");
            while (!await ServesAsync(query))
            {
                Assert.False(_process.HasExited || DateTime.UtcNow > deadline, $"{Name} does not serve {zone.Origin}:\n{Output()}");
            }
        }
    }

    public void Dispose()
    {
        // NSD has children: they end with the process they belong to.
        if (!_process.HasExited)
        {
            using var term = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
            term.WaitForExit();
            if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
            {
                _process.Kill(entireProcessTree: true);
                _process.WaitForExit();
            }
        }

        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task<bool> ServesAsync(byte[] query)
    {
        using var socket = new UdpClient();
        socket.Connect(EndPoint);
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        try
        {
            await socket.SendAsync(query);
            var answer = (await socket.ReceiveAsync(patience.Token)).Buffer;
            return Message.TryParse(answer, out var message, out _) && message.Rcode == Rcode.NoError && message.Answer.Count == 1;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return false;
        }
    }

    private string Output()
    {
        lock (_output)
        {
            return string.Join('\n', _output.TakeLast(40));
        }
    }

    private void Told(string? line)
    {
        lock (_output)
        {
            _output.Add(line ?? "");
        }
    }
}
