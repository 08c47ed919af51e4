using System.Diagnostics;
using System.Text.RegularExpressions;
using Edge.Tests.Whole;

namespace Edge.Tests.Outward;

/// <summary>A BIND that has the zone example.com, and lets the key "everything" change it.</summary>
internal sealed class PrimaryBind : IAsyncDisposable
{
    public const string Secret = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    private const string Zone = """
        $TTL 300
        @        SOA   ns1 hostmaster 10 7200 900 1209600 300
        @        NS    ns1
        @        MX    10 www
        ns1      A     192.0.2.1
        www      A     192.0.2.80
        www      TXT   "one"
        alias    CNAME www
        only     A     192.0.2.9
        *.wild   TXT   "any"

        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-outward-bind-");
    private readonly Process _process;

    private PrimaryBind(string[] lines)
    {
        Shell.Need("named", "bind9");
        Shell.Need("dig", "bind9-dnsutils");
        Port = EdgeProcess.FreePort();
        File.WriteAllText(Path.Combine(_folder.FullName, "zone"), Zone + string.Concat(lines.Select(line => line + "\n")));
        File.WriteAllText(Path.Combine(_folder.FullName, "named.conf"), $$"""
            key "everything" { algorithm hmac-sha256; secret "{{Secret}}"; };
            options { directory "{{_folder.FullName}}"; listen-on port {{Port}} { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; pid-file none; notify no; session-keyfile none; };
            controls { };
            zone "example.com" { type primary; file "zone"; allow-update { key everything; }; allow-transfer { any; }; };
            """);
        _process = Process.Start(new ProcessStartInfo(File.Exists("/usr/sbin/named") ? "/usr/sbin/named" : "named", ["-g", "-n", "1", "-c", Path.Combine(_folder.FullName, "named.conf")]) { RedirectStandardError = true })!;
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
    }

    public int Port { get; }

    /// <param name="lines">What the zone has beside.</param>
    public static async Task<PrimaryBind> StartAsync(params string[] lines)
    {
        var bind = new PrimaryBind(lines);
        await Eventually.TrueAsync(async () => (await bind.LinesAsync()).Length > 0, () => "named does not answer", () => bind._process.HasExited);
        return bind;
    }

    /// <summary>The records of the zone without its SOA, "NAME TTL TYPE DATA".</summary>
    public async Task<string[]> LinesAsync() =>
    [
        .. (await Shell.OutputAsync("dig", "@127.0.0.1", "-p", $"{Port}", "example.com", "AXFR", "+noall", "+answer", "+onesoa", "+time=2", "+tries=1")).Split('\n')
            .Where(line => line.Length > 0 && !line.StartsWith(';') && !line.Contains("SOA", StringComparison.Ordinal))
            .Select(line => Regex.Replace(line, @"\s+", " ").Replace(" IN ", " ", StringComparison.Ordinal)),
    ];

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }
}
