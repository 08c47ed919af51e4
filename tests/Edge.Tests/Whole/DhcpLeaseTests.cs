namespace Edge.Tests.Whole;

/// <summary>A client gets its address from a real DHCP server, and is found by the name that it told there.</summary>
public sealed class DhcpLeaseTests
{
    [Theory]
    [InlineData("dnsmasq", "dnsmasq-base")]
    [InlineData("kea-dhcp4", "kea-dhcp4-server")]
    [InlineData("dhcpd", "isc-dhcp-server")]
    public async Task A_client_has_a_name_from_its_lease_until_it_gives_it_back(string program, string package)
    {
        Shell.Need("dig", "bind9-dnsutils");
        Shell.Need(program, package);
        await using var edge = EdgeProcess.InExampleFolder();
        await using var lab = await DhcpLab.CreateOrSkipAsync(edge.Folder);
        var file = program == "kea-dhcp4" ? "kea-leases4.csv" : $"{program}.leases";
        edge.WriteSettings(text => text.Replace("dns:\n", $"dns:\n  leases: [{file}]\n", StringComparison.Ordinal));
        await edge.StartAsync();
        Assert.Contains("status: NXDOMAIN", await edge.DigAsync("laptop.example.com"), StringComparison.Ordinal);

        Start(lab, program, edge.Folder, Path.Combine(edge.Folder, file));
        var client = lab.Join("Laptop");
        await Eventually.TrueAsync(
            async () => (await edge.DigAsync("laptop.example.com", "+short")).StartsWith("192.168.77.", StringComparison.Ordinal),
            () => $"no name came from the lease\n{Text(edge, file)}\n{edge.Output}");
        var address = await edge.DigAsync("laptop.example.com", "+short");
        Assert.Equal("laptop.example.com.", await edge.DigAsync("-x", address, "+short"));
        Assert.Contains("status: NXDOMAIN", await edge.DigAsync("-x", "192.168.77.254"), StringComparison.Ordinal);
        Assert.Contains("nobody.invalid", await edge.DigAsync("-x", "192.168.78.1"), StringComparison.Ordinal);
        Assert.Contains("status: NXDOMAIN", await edge.DigAsync("-b", "127.0.0.2", "laptop.example.com"), StringComparison.Ordinal);
        var explained = await edge.CommandAsync("explain", "laptop.example.com");
        Assert.Matches($@"from lease in {file.Replace(".", "\\.", StringComparison.Ordinal)}:\d+ until 20", explained.Output);

        await DhcpLab.EndAsync(client);
        await Eventually.TrueAsync(
            async () => (await edge.DigAsync("laptop.example.com")).Contains("status: NXDOMAIN", StringComparison.Ordinal),
            () => $"the name stayed after the lease was given back\n{Text(edge, file)}");
        Assert.Contains("status: NXDOMAIN", await edge.DigAsync("-x", address), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_of_the_file_is_served_within_a_second()
    {
        Shell.Need("dig", "bind9-dnsutils");
        await using var edge = EdgeProcess.InExampleFolder();
        edge.WriteSettings(text => text.Replace("dns:\n", "dns:\n  leases: [{file: leases, format: dnsmasq, domain: lan.example.com}]\n", StringComparison.Ordinal));
        await edge.StartAsync();
        var watch = new System.Diagnostics.Stopwatch();
        var best = TimeSpan.MaxValue;
        for (var i = 1; i <= 3; i++)
        {
            watch.Restart();
            await File.WriteAllTextAsync(Path.Combine(edge.Folder, "leases"), $"0 00:00:5e:00:53:01 192.168.1.{i} phone *\n", TestContext.Current.CancellationToken);
            await Eventually.TrueAsync(async () => await edge.DigAsync("phone.lan.example.com", "+short") == $"192.168.1.{i}", () => edge.Output);
            best = watch.Elapsed < best ? watch.Elapsed : best;
        }

        Assert.True(best < TimeSpan.FromSeconds(1), $"the quickest of three took {best.TotalMilliseconds} ms");
    }

    private static string Text(EdgeProcess edge, string file) => Path.Combine(edge.Folder, file) is var path && File.Exists(path) ? File.ReadAllText(path) : "there is no file";

    private static void Start(DhcpLab lab, string program, string folder, string leases)
    {
        var config = Path.Combine(folder, $"{program}.conf");
        switch (program)
        {
            case "dnsmasq":
                lab.Serve(program, ["--no-daemon", "--conf-file=/dev/null", "--port=0", "--user=root", "--interface=lan0", "--bind-interfaces", "--dhcp-authoritative", "--no-ping", "--dhcp-range=192.168.77.50,192.168.77.60,1h", $"--dhcp-leasefile={leases}"]);
                break;
            case "kea-dhcp4":
                File.WriteAllText(config, $$"""
                    { "Dhcp4": { "interfaces-config": { "interfaces": ["lan0"], "dhcp-socket-type": "raw" }, "valid-lifetime": 3600,
                      "lease-database": { "type": "memfile", "name": "{{leases}}", "lfc-interval": 3600 },
                      "subnet4": [ { "id": 1, "subnet": "192.168.77.0/24", "pools": [ { "pool": "192.168.77.50 - 192.168.77.60" } ] } ] } }
                    """);
                lab.Serve(program, ["-c", config], new() { ["KEA_LOCKFILE_DIR"] = folder, ["KEA_PIDFILE_DIR"] = folder });
                break;
            default:
                File.WriteAllText(config, "authoritative; ping-check false; default-lease-time 3600; subnet 192.168.77.0 netmask 255.255.255.0 { range 192.168.77.50 192.168.77.60; }\n");
                File.WriteAllText(leases, "");
                lab.Serve(program, ["-f", "-4", "-cf", config, "-lf", leases, "--no-pid", "lan0"]);
                break;
        }
    }
}
