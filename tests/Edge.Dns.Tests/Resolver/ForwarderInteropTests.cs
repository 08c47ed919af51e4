using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Edge.Dns.Resolver;
using Edge.Dns.Tests.Interop;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Resolver;

/// <summary>dig gets the same answers through the forwarder as straight from the real server behind it.</summary>
public sealed class ForwarderInteropTests
{
    private const string Zone = """
        $ORIGIN corp.example.
        $TTL 600
        @       SOA ns host 7 3600 600 86400 120
        @       NS ns
        @       MX 10 mail
        @       TXT "v=spf1 -all" "second string"
        @       CAA 0 issue "ca.example.net"
        ns      A 198.51.100.1
        mail    A 198.51.100.2
        mail    AAAA 2001:db8:5::2
        www     CNAME web
        web     A 198.51.100.3
        web     A 198.51.100.4
        web     HTTPS 1 . alpn=h2,h3
        out     CNAME gone
        _sip._tcp SRV 1 2 5060 mail
        *.wild  A 198.51.100.9
        big     TXT "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
        deep.er DNAME web
        old     DNAME wild
        naptr   NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:x@corp.example!" .
        """;

    private static readonly string[] Questions =
    [
        "corp.example SOA", "corp.example NS", "corp.example MX", "corp.example TXT", "corp.example CAA", "mail.corp.example A",
        "mail.corp.example AAAA", "www.corp.example A", "www.corp.example CNAME", "www.corp.example AAAA", "web.corp.example HTTPS",
        "out.corp.example A", "_sip._tcp.corp.example SRV", "a.b.wild.corp.example A", "big.corp.example TXT", "naptr.corp.example NAPTR",
        "x.old.corp.example A", "nothing.corp.example A", "_tcp.corp.example A", "many.corp.example TXT", "many.corp.example TXT +dnssec",
    ];

    [Fact]
    public async Task BIND_behind_us()
    {
        var folder = Directory.CreateTempSubdirectory("edge-named");
        var port = FreePorts.Next();
        var many = string.Concat(Enumerable.Range(0, 60).Select(i => $"\nmany TXT \"string {i} {new string('x', 60)}\""));
        File.WriteAllText(Path.Combine(folder.FullName, "zone"), Zone + many + "\n");
        File.WriteAllText(Path.Combine(folder.FullName, "named.conf"), $$"""
            options { directory "{{folder.FullName}}"; listen-on port {{port}} { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; pid-file none; minimal-responses yes; };
            controls { };
            zone "corp.example" { type primary; file "zone"; };
            """);
        await CompareWithDig(port, Start("named", "bind9", ["-g", "-n", "1", "-c", Path.Combine(folder.FullName, "named.conf")]), folder);
    }

    [Fact]
    public async Task Unbound_behind_us()
    {
        var folder = Directory.CreateTempSubdirectory("edge-unbound");
        var port = FreePorts.Next();
        var config = Path.Combine(folder.FullName, "unbound.conf");
        File.WriteAllText(config, $"""
            server:
              interface: 127.0.0.1@{port}
              do-daemonize: no
              username: ""
              chroot: ""
              pidfile: ""
              use-syslog: no
              local-zone: "corp.example." static
              local-data: "corp.example. 600 SOA ns.corp.example. host.corp.example. 7 3600 600 86400 120"
              local-data: "web.corp.example. 600 A 198.51.100.3"
              local-data: "mail.corp.example. 600 AAAA 2001:db8:5::2"
            remote-control:
              control-enable: no
            """);
        await CompareWithDig(port, Start("unbound", "unbound", ["-d", "-c", config]), folder);
    }

    private static async Task CompareWithDig(int port, Process server, DirectoryInfo folder)
    {
        using var stop = new CancellationTokenSource();
        try
        {
            if (!File.Exists("/usr/bin/dig"))
            {
                Assert.Skip("dig is missing: apt-get install bind9-dnsutils");
            }

            await ForwarderClient.Until(() => !server.HasExited && Dig(port, "corp.example SOA +time=1 +tries=1").Contains("status: NOERROR", StringComparison.Ordinal));
            using var forwarder = new Forwarder(ForwarderClient.Options(new IPEndPoint(IPAddress.Loopback, port)) with
            {
                AttemptTimeout = TimeSpan.FromSeconds(5),
                TotalTimeout = TimeSpan.FromSeconds(10),
            });
            var front = Serve(forwarder, stop.Token);
            foreach (var question in Questions)
            {
                // What is in the cache, from this question or an earlier one, may have counted down by a second or two; everything else stays.
                var straight = WithoutTtls(Normal(Dig(port, question)));
                Assert.Equal(straight, WithoutTtls(Normal(Dig(front, question))));
                Assert.Equal(straight, WithoutTtls(Normal(Dig(front, question))));
            }

            var stats = forwarder.Stats;
            Assert.Equal(0, stats.Failures);
            Assert.True(stats.Hits >= Questions.Length - 2, $"only {stats.Hits} hits");
        }
        finally
        {
            stop.Cancel();
            server.Kill();
            server.WaitForExit();
            server.Dispose();
            folder.Delete(recursive: true);
        }
    }

    // Answers and status; of the authority section the SOA of a negative answer.
    private static string[] Normal(string output) =>
    [
        .. output.Split('\n').Select(l => l.Contains("status:", StringComparison.Ordinal) ? l[l.IndexOf("status:", StringComparison.Ordinal)..].Split(',')[0] : l)
            .Where(l => l.Length > 0 && !l.StartsWith(';')).Select(l => string.Join(' ', l.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))
            .Order(StringComparer.Ordinal),
    ];

    private static string[] WithoutTtls(string[] lines) =>
        [.. lines.Select(l => l.Split(' ') is { Length: > 3 } words ? string.Join(' ', [words[0], .. words[2..]]) : l)];

    private static string Dig(int port, string question)
    {
        using var dig = Process.Start(new ProcessStartInfo("dig",
            ["@127.0.0.1", "-p", $"{port}", "+noall", "+comments", "+answer", "+authority", "+nocookie", "+bufsize=16000", .. question.Split(' ')])
        {
            RedirectStandardOutput = true,
        })!;
        var output = dig.StandardOutput.ReadToEnd();
        dig.WaitForExit();
        return output;
    }

    private static Process Start(string program, string package, string[] arguments)
    {
        try
        {
            var started = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            // A full pipe would stop the server.
            started.ErrorDataReceived += (_, _) => { };
            started.OutputDataReceived += (_, _) => { };
            started.BeginErrorReadLine();
            started.BeginOutputReadLine();
            return started;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip($"{program} is missing: apt-get install {package}");
            throw;
        }
    }

    private static int Serve(Forwarder forwarder, CancellationToken stop)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _ = Task.Run(async () =>
        {
            using var _ = socket;
            var query = new byte[4096];
            var answer = new byte[65535];
            while (!stop.IsCancellationRequested)
            {
                var got = await socket.ReceiveFromAsync(query, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), stop);
                var length = await forwarder.ResolveAsync(query.AsMemory(0, got.ReceivedBytes), answer, 16000, stop);
                await socket.SendToAsync(answer.AsMemory(0, length), SocketFlags.None, got.RemoteEndPoint, stop);
            }
        }, stop);
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
