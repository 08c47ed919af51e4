using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Edge.Dns.Tests.Interop;
using Xunit;

namespace Edge.Dns.Tests.Signing;

/// <summary>An Unbound that validates, knows the DS of one zone, and asks one server for it.</summary>
internal sealed class ValidatingResolver : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edge-unbound-").FullName;
    private readonly Process _process;
    private readonly int _port;

    /// <param name="server">The port of the server on 127.0.0.1.</param>
    /// <param name="ds">The trust anchor.</param>
    /// <param name="source">The address it asks from, which decides the view.</param>
    public ValidatingResolver(int server, string ds, string source)
    {
        // A port that was free a moment ago may be somebody's now.
        for (var tries = 5; !TryStart(server, ds, source, out _process!, out _port); tries--)
        {
            Assert.True(tries > 0, Log);
        }
    }

    public string Log { get; private set; } = "";

    /// <summary>What dig prints of an answer.</summary>
    public string Ask(string name, string type) => Tool.Run("dig", "@127.0.0.1", "-p", $"{_port}", "+dnssec", "+time=5", "+tries=1", name, type).Output;

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private bool TryStart(int server, string ds, string source, out Process process, out int port)
    {
        port = FreePorts.Next();
        var config = Path.Combine(_folder, "unbound.conf");
        File.WriteAllText(config, $"""
            server:
              interface: 127.0.0.1@{port}
              outgoing-interface: {source}
              do-daemonize: no
              username: ""
              chroot: ""
              directory: "{_folder}"
              pidfile: ""
              use-syslog: no
              do-ip6: no
              do-not-query-localhost: no
              module-config: "validator iterator"
              aggressive-nsec: yes
              harden-algo-downgrade: yes
              trust-anchor: "{ds}"
              num-threads: 1
              val-log-level: 2
            remote-control:
              control-enable: no
            stub-zone:
              name: "example.com"
              stub-addr: 127.0.0.1@{server}
            """);
        var start = new ProcessStartInfo("unbound", ["-d", "-c", config]) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["PATH"] += ":/usr/sbin";
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            Assert.Skip("unbound is missing: apt-get install unbound");
            throw;
        }

        process.ErrorDataReceived += (_, line) => Log += line.Data + "\n";
        process.BeginErrorReadLine();
        var deadline = DateTime.UtcNow.AddSeconds(20);
        while (!Tool.Run("dig", "@127.0.0.1", "-p", $"{port}", "+time=1", "+tries=1", "version.bind", "CH", "TXT").Output.Contains("status:", StringComparison.Ordinal))
        {
            Assert.True(DateTime.UtcNow < deadline, Log);
            if (process.HasExited)
            {
                process.Dispose();
                return false;
            }
        }

        return true;
    }
}
