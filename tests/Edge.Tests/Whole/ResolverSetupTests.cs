using System.Text.Json;

namespace Edge.Tests.Whole;

/// <summary><c>edge resolver setup</c>, its lines read by the programs that they are for.</summary>
public sealed class ResolverSetupTests : IAsyncDisposable
{
    private readonly EdgeProcess _edge = EdgeProcess.InExampleFolder();

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    [Fact]
    public async Task What_is_missing_is_said_with_what_to_do()
    {
        var printed = await SetupAsync();
        Assert.Contains("# nas.example.com at 192.168.1.10", printed, StringComparison.Ordinal);
        Assert.Contains("# encrypted: nothing that clients of the LAN reach", printed, StringComparison.Ordinal);
        Assert.Contains("# ! DNS over TLS is not served for the LAN: say dns.tls-listen", printed, StringComparison.Ordinal);
        Assert.Contains("# ! DNS over HTTPS is not served for the LAN: gateway.https listens at no address of it", printed, StringComparison.Ordinal);
        Assert.Contains("# ! No client finds plain DNS here", printed, StringComparison.Ordinal);
        Assert.Contains("# ! The certificate is of Edge's own CA", printed, StringComparison.Ordinal);
        Assert.Contains("dhcp-option=option:dns-server,192.168.1.10", printed, StringComparison.Ordinal);
        Assert.DoesNotContain("dhcp-option=162", printed, StringComparison.Ordinal);
        var profile = await _edge.CommandAsync("resolver", "setup", "--apple");
        Assert.Equal(1, profile.ExitCode);
        Assert.Contains("no profile can be made", profile.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_DNS_contradicts_is_said_with_its_place()
    {
        Assert.DoesNotContain("DNS answers another address", await SetupAsync(), StringComparison.Ordinal);
        _edge.WriteSettings(text => text.Replace("addresses: [192.168.1.10]", "addresses: [192.168.1.99]", StringComparison.Ordinal));
        Assert.Matches(@"# ! DNS answers another address for nas\.example\.com than the ones above: nas\.example\.com\..* A 192\.168\.1\.10 \(zones/lan/example\.com\.zone:9\)", (await SetupAsync()).Replace('\t', ' '));
    }

    [Fact]
    public async Task Everything_is_printed_with_the_real_addresses_and_ports()
    {
        Serve();
        var printed = await SetupAsync();
        Assert.Contains("# encrypted: TLS at port 853, HTTPS at port 443", printed, StringComparison.Ordinal);
        Assert.Contains("DNS=192.168.1.10#nas.example.com fd00::10#nas.example.com\nDNSOverTLS=yes", printed, StringComparison.Ordinal);
        Assert.Contains("\nnas.example.com\n", printed, StringComparison.Ordinal);
        Assert.Contains("netsh dns add encryption server=192.168.1.10 dohtemplate=https://nas.example.com/dns-query autoupgrade=yes udpfallback=no", printed, StringComparison.Ordinal);
        using var firefox = JsonDocument.Parse(await SetupAsync("--for", "firefox"));
        Assert.Equal("https://nas.example.com/dns-query", firefox.RootElement.GetProperty("policies").GetProperty("DNSOverHTTPS").GetProperty("ProviderURL").GetString());
        using var chromium = JsonDocument.Parse(await SetupAsync("--for", "chromium"));
        Assert.Equal("https://nas.example.com/dns-query{?dns}", chromium.RootElement.GetProperty("DnsOverHttpsTemplates").GetString());
    }

    [Fact]
    public async Task Dnsmasq_takes_the_lines()
    {
        Shell.Need("dnsmasq", "dnsmasq-base");
        Serve();
        var file = Path.Combine(_edge.Folder, "dnsmasq.conf");
        await File.WriteAllTextAsync(file, await SetupAsync("--for", "dnsmasq"));
        Assert.Equal(4, File.ReadLines(file).Count(line => line.StartsWith("dhcp-option=", StringComparison.Ordinal)) - 1);
        Assert.Equal("dnsmasq: syntax check OK.", await Shell.OutputAsync("dnsmasq", "--test", "-C", file));
    }

    [Fact]
    public async Task A_client_of_dnsmasq_gets_the_option_byte_by_byte()
    {
        Shell.Need("dnsmasq", "dnsmasq-base");
        Serve();
        await using var lab = await DhcpLab.CreateOrSkipAsync(_edge.Folder);
        var file = Path.Combine(_edge.Folder, "dnsmasq.conf");
        await File.WriteAllTextAsync(file, await SetupAsync("--for", "dnsmasq"));
        lab.Serve("dnsmasq", ["--no-daemon", $"--conf-file={file}", "--port=0", "--user=root", "--interface=lan0", "--bind-interfaces", "--dhcp-authoritative", "--no-ping", "--dhcp-range=192.168.77.50,192.168.77.60,1h", $"--dhcp-leasefile={file}.leases"]);
        lab.Join("laptop", "-O", "162");
        await Eventually.TrueAsync(() => Task.FromResult(lab.Received.Contains("opt162=", StringComparison.Ordinal)), () => $"the client got no option 162:\n{lab.Received}");

        // RFC 9463 §5.1: length, priority, length of the name, the name, length of the addresses, the address, parameters; twice.
        Assert.Contains(
            "opt162=0027000111036e6173076578616d706c6503636f6d0004c0a8010a0001000403646f74000300020355"
            + "003a000211036e6173076578616d706c6503636f6d0004c0a8010a000100030268320003000201bb000700102f646e732d71756572797b3f646e737d",
            lab.Received,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kea_takes_the_lines()
    {
        Shell.Need("kea-dhcp4", "kea-dhcp4-server");
        Shell.Need("kea-dhcp6", "kea-dhcp6-server");
        Serve();
        var printed = (await SetupAsync("--for", "kea")).Split("// in \"Dhcp6\"");
        foreach (var (program, server, data) in new[] { ("kea-dhcp4", "Dhcp4", printed[0]), ("kea-dhcp6", "Dhcp6", "// in \"Dhcp6\"" + printed[1]) })
        {
            var file = Path.Combine(_edge.Folder, program + ".conf");
            await File.WriteAllTextAsync(file, $"{{ \"{server}\": {{ \"lease-database\": {{ \"type\": \"memfile\", \"persist\": false }},\n{data} }} }}");
            var said = await Shell.OutputAsync(program, "-t", file);
            Assert.DoesNotContain("ERROR", said, StringComparison.Ordinal);
            Assert.DoesNotContain("check failed", said, StringComparison.Ordinal);
            await File.WriteAllTextAsync(file, $"{{ \"{server}\": {{ \"lease-database\": {{ \"type\": \"memfile\", \"persist\": false }},\n{data.Replace("\"csv-format\": false", "\"csv-format\": 7", StringComparison.Ordinal)} }} }}");
            Assert.Contains("check failed", await Shell.OutputAsync(program, "-t", file), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task ISC_dhcpd_takes_the_lines()
    {
        Shell.Need("dhcpd", "isc-dhcp-server");
        Serve();
        var printed = (await SetupAsync("--for", "isc")).Split("# dhcpd6.conf");
        foreach (var (family, text) in new[] { ("-4", printed[0]), ("-6", printed[1]) })
        {
            var file = Path.Combine(_edge.Folder, "dhcpd.conf");
            await File.WriteAllTextAsync(file, text);
            Assert.DoesNotContain("errors encountered", await Shell.OutputAsync("dhcpd", "-t", family, "-cf", file), StringComparison.Ordinal);
            await File.WriteAllTextAsync(file, text.Replace("= string;", "= strng;", StringComparison.Ordinal));
            Assert.Contains("errors encountered", await Shell.OutputAsync("dhcpd", "-t", family, "-cf", file), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_Apple_profile_is_a_property_list_and_the_same_every_time()
    {
        Shell.Need("python3", "python3");
        Serve();
        await _edge.StartAsync();
        var first = await SetupAsync("--apple");
        Assert.Equal(first, await SetupAsync("--apple"));
        Assert.StartsWith("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", first, StringComparison.Ordinal);
        var file = Path.Combine(_edge.Folder, "edge.mobileconfig");
        await File.WriteAllTextAsync(file, first);
        const string Reader = """
            import plistlib, sys, uuid
            p = plistlib.load(open(sys.argv[1], 'rb'))
            uuid.UUID(p['PayloadUUID'])
            print(p['PayloadType'], p['PayloadVersion'], p['PayloadIdentifier'])
            for c in p['PayloadContent']:
                uuid.UUID(c['PayloadUUID'])
                s = c.get('DNSSettings')
                print(c['PayloadType'], len(c['PayloadContent']) > 300 if s is None else [s.get(k) for k in ('DNSProtocol', 'ServerURL', 'ServerName', 'ServerAddresses')])
            """;
        Assert.Equal(
            "Configuration 1 dns.edge.nas.example.com\ncom.apple.security.root True\ncom.apple.dnsSettings.managed ['HTTPS', 'https://nas.example.com/dns-query', None, ['192.168.1.10', 'fd00::10']]",
            await Shell.OutputAsync("python3", "-c", Reader, file));
        await File.WriteAllTextAsync(file, await SetupAsync("--apple", "--tls"));
        Assert.EndsWith("['TLS', None, 'nas.example.com', ['192.168.1.10', 'fd00::10']]", await Shell.OutputAsync("python3", "-c", Reader, file), StringComparison.Ordinal);
    }

    // Clients of the LAN reach the listeners by the usual ports of a container or a router: nothing is opened there.
    private void Serve() => _edge.WriteSettings(text => text
        .Replace("addresses: [192.168.1.10]", "addresses: [192.168.1.10, \"fd00::10\"]", StringComparison.Ordinal)
        .Replace($"https: [127.0.0.1:{_edge.Https}]", $"https: [\"[::]:{_edge.Https}\"]\n  https-port: 443", StringComparison.Ordinal)
        .Replace("dns:\n", "dns:\n  tls-listen: [\"[::]:853\"]\n", StringComparison.Ordinal));

    private async Task<string> SetupAsync(params string[] arguments)
    {
        var result = await _edge.CommandAsync(["resolver", "setup", .. arguments]);
        Assert.True(result.ExitCode == 0, result.Output);
        return result.Output;
    }
}
