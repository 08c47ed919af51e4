using System.ComponentModel;
using System.Diagnostics;
using Edge.Dns.Tests.Views;
using Xunit;

namespace Edge.Dns.Tests.Resolver.Recursion;

/// <summary>A real name server or resolver inside a network namespace, with a folder of its own.</summary>
internal sealed class TreeServer : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-tree-");
    private readonly List<string> _output = [];
    private readonly Process _process;

    private TreeServer(NetworkNamespace place, string program, string package, Func<string, string> config, Func<string, string[]> arguments)
    {
        var file = Path.Combine(_folder.FullName, "server.conf");
        File.WriteAllText(file, config(_folder.FullName));
        var start = new ProcessStartInfo(program, arguments(file)) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = _folder.FullName };
        start.Environment["PATH"] += ":/usr/sbin";
        try
        {
            _process = place.Inside(() => Process.Start(start)!);
        }
        catch (Win32Exception)
        {
            _folder.Delete(recursive: true);
            Assert.Skip($"{program} is missing: apt-get install {package}");
            throw;
        }

        _process.ErrorDataReceived += (_, line) => Told(line.Data);
        _process.OutputDataReceived += (_, line) => Told(line.Data);
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
    }

    public bool HasEnded => _process.HasExited;

    public string Output
    {
        get
        {
            lock (_output)
            {
                return string.Join('\n', _output.TakeLast(40));
            }
        }
    }

    public static TreeServer Bind(NetworkNamespace place, string ipv4, string ipv6, params (string Origin, string Text)[] zones) => new(place, "named", "bind9", folder => $$"""
        options {
          directory "{{folder}}"; pid-file none; session-keyfile none; recursion no; dnssec-validation no; notify no;
          listen-on { {{ipv4}}; }; listen-on-v6 { {{ipv6}}; }; check-names primary ignore; check-integrity no;
        };
        controls { };
        {{string.Join('\n', zones.Select(zone => $"zone \"{zone.Origin}\" {{ type primary; file \"{Write(folder, zone)}\"; }};"))}}
        """, file => ["-g", "-n", "1", "-c", file]);

    public static TreeServer Knot(NetworkNamespace place, string ipv4, string ipv6, string signed, params (string Origin, string Text)[] zones) => new(place, "knotd", "knot", folder => $"""
        server:
            rundir: "{folder}"
            listen: [ "{ipv4}@53", "{ipv6}@53" ]
            udp-workers: 1
            tcp-workers: 1
            background-workers: 1
        database:
            storage: "{folder}"
        log:
          - target: stderr
            any: warning
        policy:
          - id: here
            single-type-signing: on
            nsec3: off
        template:
          - id: default
            storage: "{folder}"
            journal-content: none
            zonefile-sync: -1
            zonefile-load: whole
            semantic-checks: off
            dnssec-policy: here
        zone:
        {string.Join('\n', zones.Select(zone => $"  - domain: \"{zone.Origin}\"\n    file: \"{Write(folder, zone)}\"\n    dnssec-signing: {(zone.Origin == signed ? "on" : "off")}"))}
        """, file => ["-c", file]);

    public static TreeServer Nsd(NetworkNamespace place, string ipv4, string ipv6, params (string Origin, string Text)[] zones) => new(place, "nsd", "nsd", folder => $"""
        server:
            ip-address: {ipv4}
            ip-address: {ipv6}
            username: ""
            chroot: ""
            zonesdir: "{folder}"
            database: ""
            pidfile: "{folder}/pid"
            xfrdfile: "{folder}/xfrd"
            xfrdir: "{folder}"
            zonelistfile: "{folder}/zones"
            server-count: 1
            rrl-ratelimit: 0
        remote-control:
            control-enable: no
        {string.Join('\n', zones.Select(zone => $"zone:\n    name: \"{zone.Origin}\"\n    zonefile: \"{Write(folder, zone)}\""))}
        """, file => ["-d", "-c", file]);

    public static TreeServer Unbound(NetworkNamespace place, string hints) => new(place, "unbound", "unbound", folder => $"""
        server:
            interface: 127.0.0.1
            do-daemonize: no
            username: ""
            chroot: ""
            directory: "{folder}"
            pidfile: ""
            use-syslog: no
            verbosity: 1
            module-config: "iterator"
            root-hints: "{hints}"
            num-threads: 1
        remote-control:
            control-enable: no
        """, file => ["-d", "-c", file]);

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

    private static string Write(string folder, (string Origin, string Text) zone)
    {
        var file = Path.Combine(folder, (zone.Origin == "." ? "root" : zone.Origin) + ".zone");
        File.WriteAllText(file, $"$ORIGIN {zone.Origin.TrimEnd('.')}.\n$TTL 3600\n{zone.Text}\n");
        return file;
    }

    private void Told(string? line)
    {
        lock (_output)
        {
            _output.Add(line ?? "");
        }
    }
}
