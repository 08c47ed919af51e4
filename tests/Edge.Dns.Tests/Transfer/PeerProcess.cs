using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Edge.Dns.Tests.Interop;
using Edge.Dns.Tests.Nameserver;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Xunit;

namespace Edge.Dns.Tests.Transfer;

/// <summary>A real name server beside ours, in a folder of its own, on a loopback port.</summary>
internal sealed class PeerProcess : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-peer");
    private readonly ConcurrentQueue<string> _log = [];
    private Process? _process;

    public int Port { get; } = FreePorts.Next();

    public IPEndPoint EndPoint => new(IPAddress.Loopback, Port);

    public string Folder => _folder.FullName;

    public string Log => string.Join('\n', _log);

    /// <summary>Writes a file into the folder; its full path.</summary>
    public string Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    public PeerProcess Start(string program, string package, params string[] arguments)
    {
        try
        {
            _process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = Folder })!;
            _process.ErrorDataReceived += (_, line) => _log.Enqueue(line.Data ?? "");
            _process.OutputDataReceived += (_, line) => _log.Enqueue(line.Data ?? "");
            _process.BeginErrorReadLine();
            _process.BeginOutputReadLine();
            return this;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip($"{program} is missing: apt-get install {package}");
            throw;
        }
    }

    /// <summary>BIND with these options and statements; it listens on loopback and has no control channel.</summary>
    public PeerProcess StartBind(string statements, string options = "")
    {
        var config = Write("named.conf", $$"""
            options { directory "{{Folder}}"; listen-on port {{Port}} { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; pid-file none;
                      dnssec-validation no; serial-query-rate 1000; {{options}} };
            controls { };
            {{statements}}
            """);
        return Start("named", "bind9", "-g", "-n", "1", "-c", config);
    }

    public PeerProcess StartKnot(string statements) => Start("knotd", "knot", "-c", WriteKnot(statements));

    /// <summary>Writes Knot's settings; statements may begin with more templates.</summary>
    public string WriteKnot(string statements) => Write("knot.conf", $"""
        server:
            listen: 127.0.0.1@{Port}
            rundir: {Folder}
        database:
            storage: {Folder}
        log:
          - target: stderr
            any: info
        template:
          - id: default
            storage: {Folder}
        {statements}
        """);

    public PeerProcess StartNsd(string statements)
    {
        var config = Write("nsd.conf", $"""
            server:
                ip-address: 127.0.0.1@{Port}
                username: ""
                chroot: ""
                pidfile: ""
                zonesdir: "{Folder}"
                zonelistfile: "{Folder}/zone.list"
                xfrdfile: "{Folder}/xfrd.state"
                xfrdir: "{Folder}"
                database: ""
                server-count: 1
            remote-control:
                control-enable: no
            {statements}
            """);
        return Start("nsd", "nsd", "-d", "-c", config);
    }

    /// <summary>BIND, Knot or NSD as secondary of example.com; whoever is on this machine may have it of them.</summary>
    public void StartSecondary(string program, int primary, string key)
    {
        switch (program)
        {
            case "BIND":
                StartBind($$"""
                    key "{{key}}" { algorithm hmac-sha256; secret "{{TransferringServer.Secret}}"; };
                    zone "example.com" { type secondary; file "held"; masterfile-format text; primaries { 127.0.0.1 port {{primary}} key "{{key}}"; }; allow-transfer { any; }; };
                    """);
                break;
            case "Knot":
                StartKnot($"""
                    key:
                      - id: {key}
                        algorithm: hmac-sha256
                        secret: {TransferringServer.Secret}
                    remote:
                      - id: edge
                        address: 127.0.0.1@{primary}
                        key: {key}
                    acl:
                      - id: told
                        address: 127.0.0.1
                        key: {key}
                        action: notify
                      - id: look
                        address: 127.0.0.1
                        action: transfer
                    zone:
                      - domain: example.com
                        master: edge
                        acl: [told, look]
                    """);
                break;
            default:
                StartNsd($"""
                    key:
                        name: "{key}"
                        algorithm: hmac-sha256
                        secret: "{TransferringServer.Secret}"
                    zone:
                        name: "example.com"
                        zonefile: "held"
                        allow-notify: 127.0.0.1 {key}
                        request-xfr: 127.0.0.1@{primary} {key}
                        provide-xfr: 127.0.0.1 NOKEY
                    """);
                break;
        }
    }

    /// <summary>Has it read its zones again.</summary>
    public void Reload()
    {
        using var kill = Process.Start("kill", ["-HUP", $"{_process!.Id}"]);
        kill.WaitForExit();
    }

    public void Kill()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            _process.WaitForExit();
        }
    }

    public ValueTask DisposeAsync()
    {
        Kill();
        _process?.Dispose();
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>Waits until the peer serves this serial of the zone.</summary>
    public async Task UntilSerial(string origin, uint? serial)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        while (SerialOf(origin) != serial)
        {
            Assert.False(_process!.HasExited, Log);
            Assert.False(deadline.IsCancellationRequested, $"{origin} stays at {SerialOf(origin)} and not {serial}\n{Log}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until the peer answers a question with a record.</summary>
    public async Task UntilAnswered(string question)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        while (Dig.Records($"@127.0.0.1 -p {Port} {question} +norec +time=1 +tries=1").Count == 0)
        {
            Assert.False(_process!.HasExited, Log);
            Assert.False(deadline.IsCancellationRequested, $"{question} is never answered\n{Log}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    public uint? SerialOf(string origin)
    {
        var soa = Dig.Records($"@127.0.0.1 -p {Port} {origin} SOA +norec +time=1 +tries=1");
        return soa.Count == 1 ? uint.Parse(soa[0].Split(' ')[6], System.Globalization.CultureInfo.InvariantCulture) : null;
    }
}
