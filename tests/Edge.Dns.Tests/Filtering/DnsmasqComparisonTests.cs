using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Edge.Dns.Filtering;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Filtering;

/// <summary>Hosts lines and whole domains block the same names as in dnsmasq, which Pi-hole is made of.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class DnsmasqComparisonTests
{
    [Fact]
    public async Task Names_made_by_chance_get_the_same_verdicts()
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/dnsmasq"), "dnsmasq is missing: apt-get install dnsmasq-base");
        var random = new Random(11);
        string[] hosts = [.. Enumerable.Range(0, 300).Select(_ => RandomName(random)).Distinct()];
        string[] domains = [.. Enumerable.Range(0, 60).Select(_ => RandomName(random)).Distinct()];
        var policy = TestRules.Policy(string.Join('\n', [.. hosts.Select(name => $"0.0.0.0 {name}"), .. domains.Select(name => $"||{name}^")]));
        using var dnsmasq = await StartAsync(hosts, domains);
        try
        {
            var blocked = 0;
            foreach (var name in hosts.Concat(domains).Concat(domains.Select(name => "x." + name)).Concat(hosts.Select(name => "y." + name)).Concat(Enumerable.Range(0, 500).Select(_ => RandomName(random))))
            {
                var expected = await BlocksAsync(dnsmasq.Port, name);
                Assert.Equal((name, expected), (name, policy.Judge(name) == VerdictKind.Blocked));
                blocked += expected ? 1 : 0;
            }

            Assert.InRange(blocked, 300, 1100);
        }
        finally
        {
            dnsmasq.Process.Kill();
        }
    }

    // Few labels to choose from, so that names lie below each other.
    private static string RandomName(Random random) =>
        string.Join('.', Enumerable.Range(0, random.Next(1, 4)).Select(_ => $"{(char)('a' + random.Next(6))}{random.Next(3)}")) + ".example";

    private static async Task<bool> BlocksAsync(int port, string name)
    {
        var query = new Message { Id = (ushort)name.GetHashCode(StringComparison.Ordinal), Flags = MessageFlags.RecursionDesired };
        query.Questions.Add(new Question(Name.Parse(name), RecordType.A));
        using var socket = new UdpClient();
        socket.Connect(IPAddress.Loopback, port);
        await socket.SendAsync(query.ToArray(), TestContext.Current.CancellationToken);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(5));
        var answer = (await socket.ReceiveAsync(deadline.Token)).Buffer;
        Assert.True(Message.TryParse(answer, out var message, out _));
        return message.Answer.Any(record => record.Type == RecordType.A && record.Data.Wire.SequenceEqual(new byte[4]));
    }

    private static async Task<Running> StartAsync(string[] hosts, string[] domains)
    {
        var folder = Directory.CreateTempSubdirectory("edge-dnsmasq-").FullName;
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        var list = Path.Combine(folder, "hosts");
        await File.WriteAllLinesAsync(list, hosts.Select(name => $"0.0.0.0 {name}"));
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)probe.LocalEndPoint!).Port;
        probe.Close();
        var config = Path.Combine(folder, "dnsmasq.conf");
        await File.WriteAllLinesAsync(config,
        [
            $"port={port}", "listen-address=127.0.0.1", "bind-interfaces", "no-resolv", "no-hosts", "no-daemon", $"addn-hosts={list}", "pid-file=", "user=root",
            .. domains.Select(name => $"address=/{name}/0.0.0.0"),
        ]);
        var process = Process.Start(new ProcessStartInfo("/usr/sbin/dnsmasq", ["--conf-file=" + config]) { RedirectStandardError = true })!;
        var said = new List<string>();
        // It answers as soon as it has read its hosts.
        while (await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            said.Add(line);
            if (line.Contains("addresses", StringComparison.Ordinal) || line.Contains("names", StringComparison.Ordinal))
            {
                return new Running(process, port, folder);
            }
        }

        throw new InvalidOperationException(string.Join('\n', said));
    }

    private sealed record Running(Process Process, int Port, string Folder) : IDisposable
    {
        public void Dispose()
        {
            Process.WaitForExit();
            Process.Dispose();
            Directory.Delete(Folder, recursive: true);
        }
    }
}
