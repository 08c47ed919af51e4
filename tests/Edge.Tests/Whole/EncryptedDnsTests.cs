using System.Net;

namespace Edge.Tests.Whole;

/// <summary>DNS over TLS and over HTTPS of the whole program, asked by dig and curl, which trust Edge's own CA.</summary>
public sealed class EncryptedDnsTests
{
    [Fact]
    public async Task Real_clients_are_answered_over_TLS_and_HTTPS_under_the_certificate_of_the_box()
    {
        Shell.Need("dig", "bind9-dnsutils");
        Shell.Need("curl", "curl");
        Shell.Need("kdig", "knot-dnsutils");
        await using var edge = EdgeProcess.InExampleFolder();
        var tls = EdgeProcess.FreePort();
        edge.WriteSettings(text => text.Replace("dns:\n", $"dns:\n  tls-listen: [127.0.0.1:{tls}]\n  nsid: box one\n", StringComparison.Ordinal));
        await edge.StartAsync();
        await Eventually.TrueAsync(() => Task.FromResult(edge.Output.Contains($"DoT    127.0.0.1:{tls}", StringComparison.Ordinal)), () => edge.Output);
        var root = Path.Combine(edge.Folder, "root.pem");
        await File.WriteAllTextAsync(root, (await edge.CommandAsync("ca")).Output);

        // kdig's GnuTLS gives up on a certificate without a subject.
        string[] trusting = [$"+tls-ca={root}", "+tls-hostname=nas.example.com", "+short", "nas.example.com", "A"];
        Assert.Equal("192.168.1.10", await Shell.OutputAsync("dig", ["@127.0.0.1", "-p", $"{tls}", "+tls", .. trusting]));
        Assert.Equal("192.168.1.10", await Shell.OutputAsync("kdig", ["@127.0.0.1", "-p", $"{tls}", "+tls", .. trusting]));
        Assert.Equal("192.168.1.10", await Shell.OutputAsync("dig", ["@127.0.0.1", "-p", $"{edge.Https}", "+https", .. trusting]));
        Assert.Equal("192.168.1.10", await Shell.OutputAsync("dig", ["@127.0.0.1", "-p", $"{edge.Https}", "+https-get", .. trusting]));

        // The answer to "nas.example.com A", asked by curl, and from another address for another view.
        const string Query = "AAABAAABAAAAAAAAA25hcwdleGFtcGxlA2NvbQAAAQAB";
        foreach (var (from, address) in ((string, byte[])[])[("127.0.0.1", [192, 168, 1, 10]), ("127.0.0.2", [203, 0, 113, 10])])
        {
            var answer = Path.Combine(edge.Folder, "answer");
            Assert.Equal("200 2 application/dns-message", await Shell.OutputAsync("curl", "-s", "--http2", "--interface", from, "--cacert", root,
                "--resolve", $"nas.example.com:{edge.Https}:127.0.0.1", "-o", answer, "-w", "%{http_code} %{http_version} %{content_type}",
                $"https://nas.example.com:{edge.Https}/dns-query?dns={Query}"));
            Assert.True((await File.ReadAllBytesAsync(answer)).AsSpan().IndexOf(address) > 0);
        }

        // Cookies, NSID, keepalive and padding, seen by dig.
        Assert.Contains("(good)", await edge.DigAsync("nas.example.com", "+cookie"), StringComparison.Ordinal);
        Assert.Contains("NSID: 62 6f 78 20 6f 6e 65 (\"box one\")", await edge.DigAsync("nas.example.com", "+nsid"), StringComparison.Ordinal);
        Assert.Contains("TCP KEEPALIVE: 10.0 secs", await edge.DigAsync("nas.example.com", "+tcp", "+keepalive"), StringComparison.Ordinal);
        Assert.Contains("PAD: (", await Shell.OutputAsync("dig", "@127.0.0.1", "-p", $"{tls}", "+tls", "+padding=128", "nas.example.com"), StringComparison.Ordinal);
        Assert.Contains("status: FORMERR", await edge.DigAsync("nas.example.com", "+nocookie", "+ednsopt=10:0102"), StringComparison.Ordinal);
        Assert.DoesNotContain("CLIENT-SUBNET", await edge.DigAsync("nas.example.com", "+subnet=10.0.0.0/8"), StringComparison.Ordinal);
        using var api = edge.Api();
        Assert.Contains("\"dnsLoad\": {", await api.GetStringAsync("/v1/status", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(edge.DataFile("dns-cookie.secrets")));
    }
}
