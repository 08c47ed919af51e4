using System.Collections.Immutable;
using System.Diagnostics;
using Edge.Dns.Tests.Interop;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Xunit;

namespace Edge.Dns.Tests.Update;

/// <summary>A BIND that serves the same zone, and lets the same key change everything.</summary>
internal sealed class UpdatedBind : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-update-bind-");
    private readonly Process _process;

    public UpdatedBind()
    {
        Port = FreePorts.Next();
        File.WriteAllText(Path.Combine(_folder.FullName, "zone"), UpdatedZone.Text + "\n");
        File.WriteAllText(Path.Combine(_folder.FullName, "named.conf"), $$"""
            key "everything" { algorithm hmac-sha256; secret "{{UpdateServer.Secret}}"; };
            options { directory "{{_folder.FullName}}"; listen-on port {{Port}} { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; pid-file none; notify no; session-keyfile none; };
            controls { };
            zone "example.com" { type primary; file "zone"; allow-update { key everything; }; allow-transfer { any; }; check-names ignore; };
            """);
        _process = Programs.Start(new ProcessStartInfo("named", ["-g", "-n", "1", "-c", Path.Combine(_folder.FullName, "named.conf")]) { RedirectStandardError = true }, "bind9");
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
        var deadline = Stopwatch.StartNew();
        while (!Transfer().Contains("SOA", StringComparison.Ordinal))
        {
            Assert.True(deadline.Elapsed < TimeSpan.FromSeconds(30) && !_process.HasExited, "named does not answer");
            Thread.Sleep(50);
        }
    }

    public int Port { get; }

    /// <summary>The records of the zone, without its SOA.</summary>
    public ImmutableArray<string> Lines() =>
    [
        .. Transfer().Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith(';')).Select(line => RecordText.Parse(line))
            .Where(record => record.Type != RecordType.SOA).Select(RecordText.Format).Distinct().Order(StringComparer.Ordinal),
    ];

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private string Transfer()
    {
        using var dig = Programs.Start(
            new ProcessStartInfo("dig", ["@127.0.0.1", "-p", $"{Port}", "example.com", "AXFR", "+noall", "+answer", "+onesoa", "+time=2", "+tries=1"]) { RedirectStandardOutput = true }, "bind9-dnsutils");
        var output = dig.StandardOutput.ReadToEnd();
        dig.WaitForExit();
        return output;
    }
}
