using System.Text.Json;
using Edge.Tests.Whole;

namespace Edge.Tests.House;

/// <summary>Clients that speak to their resolver through TLS and through nothing else, as their makers ship them.</summary>
public sealed class EncryptedClientsTests(HouseLab lab) : IClassFixture<HouseLab>
{
    private const string Service = "photos.nas.example.com";

    [Fact]
    public async Task Systemd_resolved_with_strict_dns_over_tls()
    {
        Assert.SkipWhen(lab.Missing is not null, lab.Missing ?? "");
        var program = ResolvedProgram();
        Assert.SkipWhen(program is null, "systemd-resolved is neither installed nor unpacked by test.sh");
        await using var edge = await HouseEdge.StartAsync(lab);
        await lab.PlaceClientAsync();
        await PrepareResolvedAsync();
        lab.Start(lab.Client, "sh", "-c", $"""
            mount -t tmpfs tmpfs /run; mkdir -p /run/systemd/resolve; chown systemd-resolve: /run/systemd/resolve
            exec env SSL_CERT_FILE={await RootAsync(edge)} LD_LIBRARY_PATH={Path.GetDirectoryName(program)}/../../usr/lib/{Triplet}/systemd SYSTEMD_LOG_TARGET=console {program}
            """);
        var said = "";
        await Eventually.TrueAsync(
            async () => (said = await lab.Client.RunAsync("dig", "@127.0.0.53", "+tries=1", "+time=2", Service)).Contains(HouseLab.BoxAddress, StringComparison.Ordinal),
            () => said + File.ReadAllText(Path.Combine(lab.Folder, "client-sh.log")));
        Assert.Contains("198.51.100.80", await lab.Client.RunAsync("dig", "@127.0.0.53", "+short", "www.public.example"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chromium_with_dns_over_https_and_nothing_else_opens_a_service()
    {
        Assert.SkipWhen(lab.Missing is not null, lab.Missing ?? "");
        Shell.Need("chromium", "chromium");
        await using var edge = await HouseEdge.StartAsync(lab);
        await lab.PlaceClientAsync();
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "index.html"), "<h1>photos of the house</h1>");
        lab.Start(lab.Box, "busybox", "httpd", "-f", "-p", "127.0.0.1:2342", "-h", edge.Folder);
        await PreparePolicyAsync(await RootAsync(edge));
        var page = await lab.Client.RunAsync(
            "timeout", "60", "env", $"HOME={lab.Folder}", "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", $"--user-data-dir={Path.Combine(lab.Folder, "chromium")}", "--dump-dom", $"https://{Service}/");
        Assert.Contains("<h1>photos of the house</h1>", page, StringComparison.Ordinal);
    }

    private static string Triplet => System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "aarch64-linux-gnu" : "x86_64-linux-gnu";

    private static string? ResolvedProgram()
    {
        var unpacked = Environment.GetEnvironmentVariable("EDGE_UNPACKED") ?? "";
        return ((string[])[Path.Combine(unpacked, "lib/systemd/systemd-resolved"), "/lib/systemd/systemd-resolved"]).FirstOrDefault(File.Exists);
    }

    // The daemon gives up its rights for those of a user of its own, and so cannot read Edge's data folder.
    private async Task<string> RootAsync(HouseEdge edge)
    {
        var copy = Path.Combine(lab.Folder, "root.pem");
        await File.WriteAllBytesAsync(copy, await File.ReadAllBytesAsync(Path.Combine(edge.Folder, "data", "ca", "root.crt")));
        File.SetUnixFileMode(lab.Folder, (UnixFileMode)0b111_101_101);
        return copy;
    }

    private async Task PrepareResolvedAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(lab.Client.Etc, "passwd"), await File.ReadAllTextAsync("/etc/passwd") + "systemd-resolve:x:64991:64991::/run:/usr/sbin/nologin\n");
        await File.WriteAllTextAsync(Path.Combine(lab.Client.Etc, "group"), await File.ReadAllTextAsync("/etc/group") + "systemd-resolve:x:64991:\n");
        var folder = Directory.CreateDirectory(Path.Combine(lab.Client.Etc, "systemd")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "resolved.conf"), $"""
            [Resolve]
            DNS={HouseLab.BoxAddress}#nas.example.com
            DNSOverTLS=yes
            DNSSEC=no
            LLMNR=no
            MulticastDNS=no
            """);
    }

    // Plain DNS of this client leads nowhere; only the DoH server's own name is known to it, as from a profile.
    private async Task PreparePolicyAsync(string root)
    {
        await File.WriteAllTextAsync(Path.Combine(lab.Client.Etc, "resolv.conf"), "nameserver 203.0.113.99\n");
        await File.WriteAllTextAsync(Path.Combine(lab.Client.Etc, "hosts"), $"127.0.0.1 localhost\n{HouseLab.BoxAddress} nas.example.com\n");
        var folder = Directory.CreateDirectory(Path.Combine(lab.Client.Etc, "chromium", "policies", "managed")).FullName;
        using var certificate = System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificateFromFile(root);
        await File.WriteAllTextAsync(Path.Combine(folder, "edge.json"), JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["DnsOverHttpsMode"] = "secure",
            ["DnsOverHttpsTemplates"] = "https://nas.example.com/dns-query{?dns}",
            ["CACertificates"] = new[] { Convert.ToBase64String(certificate.RawData) },
        }));
    }
}
