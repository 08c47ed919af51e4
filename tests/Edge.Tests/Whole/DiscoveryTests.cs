namespace Edge.Tests.Whole;

/// <summary>Encrypted DNS that clients find by themselves, asked with dig of the whole program (RFC 9462).</summary>
public sealed class DiscoveryTests
{
    [Fact]
    public async Task Clients_of_the_LAN_are_told_of_the_listeners_and_nobody_else_is()
    {
        Shell.Need("dig", "bind9-dnsutils");
        Shell.Need("openssl", "openssl");
        await using var edge = EdgeProcess.InExampleFolder();
        var tls = EdgeProcess.FreePort();
        string Settings(string text, string more) => text.Replace("addresses: [192.168.1.10]", "addresses: [127.0.0.1, 192.168.1.10]", StringComparison.Ordinal)
            .Replace("dns:\n", $"dns:\n  tls-listen: [127.0.0.1:{tls}]\n{more}", StringComparison.Ordinal);
        edge.WriteSettings(text => Settings(text, ""));
        await edge.StartAsync();
        var answer = await edge.DigAsync("_dns.resolver.arpa", "SVCB");
        Assert.Matches($"_dns\\.resolver\\.arpa\\.\\s+300\\s+IN\\s+SVCB\\s+1 nas\\.example\\.com\\. alpn=\"dot\" port={tls}\\s", answer);
        Assert.Matches($"_dns\\.resolver\\.arpa\\.\\s+300\\s+IN\\s+SVCB\\s+2 nas\\.example\\.com\\. alpn=\"h2\" port={edge.Https} (key7|dohpath)=\"/dns-query{{\\?dns}}\"", answer);
        Assert.Matches("ADDITIONAL SECTION:\\s+nas\\.example\\.com\\.\\s+\\d+\\s+IN\\s+A\\s+192\\.168\\.1\\.10\\s", answer);
        Assert.Contains("ADDITIONAL: 3", answer, StringComparison.Ordinal);

        // Other types have no data; by our own name the same is said; strangers are told nothing.
        Assert.Contains("status: NOERROR", await edge.DigAsync("_dns.resolver.arpa", "A"), StringComparison.Ordinal);
        Assert.Contains("ANSWER: 0", await edge.DigAsync("_dns.resolver.arpa", "A"), StringComparison.Ordinal);
        Assert.Equal(2, (await edge.DigAsync("_dns.nas.example.com", "SVCB", "+short")).Split('\n').Length);
        Assert.Contains("status: REFUSED", await edge.DigAsync("-b", "127.0.0.2", "_dns.resolver.arpa", "SVCB"), StringComparison.Ordinal);

        Assert.DoesNotContain("alpn", await edge.DigAsync("-b", "127.0.0.2", "_dns.nas.example.com", "SVCB"), StringComparison.Ordinal);

        // What is listed is served, under a certificate for the name that is listed.
        var root = Path.Combine(edge.Folder, "root.pem");
        await File.WriteAllTextAsync(root, (await edge.CommandAsync("ca")).Output);
        foreach (var (port, how) in new[] { (tls, "+tls"), (edge.Https, "+https") })
        {
            Assert.Equal("192.168.1.10", await Shell.OutputAsync("dig", "@127.0.0.1", "-p", $"{port}", how, $"+tls-ca={root}", "+tls-hostname=nas.example.com", "+short", "nas.example.com", "A"));
        }

        // Who knows only the address finds it in the certificate (§4.2).
        foreach (var (address, verified) in new[] { ("192.168.1.10", true), ("192.168.1.11", false) })
        {
            var handshake = await Shell.OutputAsync("openssl", "s_client", "-connect", $"127.0.0.1:{tls}", "-CAfile", root, "-verify_ip", address);
            Assert.Equal(verified, handshake.Contains("Verify return code: 0 (ok)", StringComparison.Ordinal));
        }

        // Switched off it is the special name again: nothing there, and nobody asked.
        Assert.Contains("status: NXDOMAIN", await edge.DigAsync("use-application-dns.net", "A"), StringComparison.Ordinal);
        edge.WriteSettings(text => Settings(text, "  advertise: false\n"));
        await Eventually.TrueAsync(
            async () => (await edge.DigAsync("_dns.resolver.arpa", "SVCB")) is var now && now.Contains("ANSWER: 0", StringComparison.Ordinal) && now.Contains("status: NOERROR", StringComparison.Ordinal),
            () => edge.Output);
    }

    [Fact]
    public async Task The_canary_domain_is_asked_of_upstreams_when_it_is_switched_off()
    {
        Shell.Need("dig", "bind9-dnsutils");
        await using var edge = EdgeProcess.InExampleFolder();
        // Nobody answers there: that the question was passed on shows in the failure.
        var nobody = EdgeProcess.FreePort();
        edge.WriteSettings(text => text.Replace("upstreams: [9.9.9.9, 1.1.1.1]", $"upstreams: [\"127.0.0.1:{nobody}\"]\n  browser-canary: false", StringComparison.Ordinal));
        await edge.StartAsync();
        Assert.Contains("status: SERVFAIL", await edge.DigAsync("+time=8", "use-application-dns.net", "A"), StringComparison.Ordinal);
    }
}
