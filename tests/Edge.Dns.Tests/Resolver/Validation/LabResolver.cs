using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Edge.Dns.Tests.Interop;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Resolver.Validation;

/// <summary>An Unbound that resolves the lab's tree.</summary>
internal sealed class LabResolver : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edge-unbound-").FullName;
    private readonly Process _process;
    private readonly List<string> _log = [];

    /// <param name="lab">The tree.</param>
    /// <param name="validates">Whether it validates from the lab's root down.</param>
    public LabResolver(ValidationLab lab, bool validates)
    {
        EndPoint = new IPEndPoint(IPAddress.Loopback, FreePorts.Next());
        var config = Path.Combine(_folder, "unbound.conf");
        File.WriteAllText(config, $"""
            server:
              interface: 127.0.0.1@{EndPoint.Port}
              do-daemonize: no
              username: ""
              chroot: ""
              directory: "{_folder}"
              pidfile: ""
              use-syslog: no
              do-ip6: no
              do-not-query-localhost: no
              module-config: "{(validates ? "validator iterator" : "iterator")}"
              {(validates ? $"trust-anchor: \"{lab.Anchor}\"" : "")}
              val-nsec3-keysize-iterations: "1024 100 2048 100 4096 100"
              trust-anchor-signaling: no
              qname-minimisation: no
              aggressive-nsec: no
              harden-algo-downgrade: yes
              edns-buffer-size: 4096
              max-udp-size: 4096
              num-threads: 1
              val-log-level: 2
            remote-control:
              control-enable: no
            {string.Concat(lab.Zones.Select(zone => $"stub-zone:\n  name: \"{zone.Zone}\"\n  stub-addr: {zone.Server.Address}@{zone.Server.Port}\n"))}
            """);
        var start = new ProcessStartInfo("unbound", ["-d", "-c", config]) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["PATH"] += ":/usr/sbin";
        try
        {
            _process = Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            Assert.Skip("unbound is missing: apt-get install unbound");
            throw;
        }

        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_log)
            {
                _log.Add(line.Data ?? "");
            }
        };
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>What it has written about a name.</summary>
    public string LogOf(string name)
    {
        lock (_log)
        {
            return string.Join('\n', _log.Where(line => line.Contains($"<{name}", StringComparison.Ordinal)));
        }
    }

    public async Task ReadyAsync()
    {
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while (await TryAskAsync(ForwarderClient.Query(".", RecordType.SOA), TimeSpan.FromMilliseconds(300)) is not { Rcode: Rcode.NoError })
        {
            Assert.False(_process.HasExited || DateTime.UtcNow > deadline, string.Join('\n', _log));
        }
    }

    public async Task<Message> AskAsync(byte[] query)
    {
        for (var tries = 4; tries > 0; tries--)
        {
            if (await TryAskAsync(query, TimeSpan.FromSeconds(5)) is { } answer)
            {
                return answer;
            }
        }

        throw new TimeoutException(FakeUpstream.Parse(query).Questions[0] + string.Join('\n', _log));
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<Message?> TryAskAsync(byte[] query, TimeSpan patience)
    {
        using var socket = new UdpClient();
        socket.Connect(EndPoint);
        using var timer = new CancellationTokenSource(patience);
        try
        {
            await socket.SendAsync(query, timer.Token);
            return FakeUpstream.Parse((await socket.ReceiveAsync(timer.Token)).Buffer);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return null;
        }
    }
}
