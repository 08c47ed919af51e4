using System.Globalization;
using Edge.Tests.Whole;

namespace Edge.Tests.House;

/// <summary>mDNS beside Avahi: each sees what the other says, and neither takes the other's names.</summary>
public sealed class NeighbourTests
{
    [Fact]
    public async Task Avahi_finds_our_services_and_hosts_and_sees_them_go()
    {
        Shell.Need("curl", "curl");
        await using var lab = await NeighbourLab.CreateOrSkipAsync();
        await lab.StartEdgeAsync();
        var avahi = await lab.AvahiAsync(lab.Neighbour, "printer");
        await UntilAsync(async () => Families(await NeighbourLab.BrowseAsync(avahi, "_http._tcp")).SequenceEqual(["IPv4 photos photos.local 80", "IPv6 photos photos.local 80"]), lab);
        await UntilAsync(async () => Families(await NeighbourLab.BrowseAsync(avahi, "_https._tcp")).SequenceEqual(["IPv4 photos photos.local 443", "IPv6 photos photos.local 443"]), lab);
        Assert.Equal($"photos.local\t{NeighbourLab.BoxAddress}", await NeighbourLab.AskAsync(avahi, "avahi-resolve", "-4", "-n", "photos.local"));
        Assert.Equal($"photos.local\t{NeighbourLab.BoxAddressV6}", await NeighbourLab.AskAsync(avahi, "avahi-resolve", "-6", "-n", "photos.local"));

        var led = await lab.Neighbour.RunAsync("curl", "-sI", "--resolve", $"photos.local:80:{NeighbourLab.BoxAddress}", "http://photos.local/album?page=2");
        Assert.Contains("Location: https://photos.nas.example.com/album?page=2", led, StringComparison.Ordinal);
        led = await lab.Neighbour.RunAsync("curl", "-skI", "--resolve", $"photos.local:443:{NeighbourLab.BoxAddress}", "https://photos.local/");
        Assert.Contains("ocation: https://photos.nas.example.com/", led, StringComparison.Ordinal);

        // One more comes, and one goes.
        lab.WriteService("music");
        await UntilAsync(async () => (await NeighbourLab.BrowseAsync(avahi, "_http._tcp")).Length == 4, lab);
        lab.RemoveService("photos");
        await UntilAsync(async () => (await NeighbourLab.BrowseAsync(avahi, "_http._tcp")) is { Length: 2 } left && left.All(line => line.Contains("music", StringComparison.Ordinal)), lab);
        Assert.Contains("Failed to resolve", await NeighbourLab.AskAsync(avahi, "avahi-resolve", "-4", "-n", "photos.local"), StringComparison.Ordinal);

        // Goodbye to all when Edge ends.
        await lab.Edge.StopAsync();
        await UntilAsync(async () => (await NeighbourLab.BrowseAsync(avahi, "_http._tcp")).Length == 0, lab);
    }

    [Fact]
    public async Task A_host_that_avahi_has_is_a_name_of_the_LAN_follows_its_address_and_goes_with_it()
    {
        await using var lab = await NeighbourLab.CreateOrSkipAsync();
        await lab.StartEdgeAsync();
        var avahi = await lab.AvahiAsync(lab.Neighbour, "printer");
        Assert.Contains("status: NXDOMAIN", await lab.DigAsync("printer.example.com"), StringComparison.Ordinal);

        lab.WriteSettings("hosts: {printer: mdns, tv: {mdns: living-room.local}, ghost: mdns}");
        await UntilAsync(async () => await lab.DigAsync("printer.example.com", "+short") == NeighbourLab.NeighbourAddress, lab);
        await UntilAsync(async () => await lab.DigAsync("printer.example.com", "AAAA", "+short") == "fd77::3", lab);
        Assert.Contains("from printer.local by mDNS on eth0 (edge.yaml: hosts.printer)", (await lab.Edge.CommandAsync("explain", "printer.example.com", "--from", NeighbourLab.BoxAddress)).Output, StringComparison.Ordinal);
        Assert.Contains("status: NXDOMAIN", (await lab.Edge.CommandAsync("explain", "printer.example.com", "--from", "198.51.100.7")).Output.Replace("does not exist", "status: NXDOMAIN", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("status: NXDOMAIN", await lab.DigAsync("printer.local"), StringComparison.Ordinal);

        Assert.Contains("takes its addresses from ghost.local, of which nothing is heard", (await lab.Edge.CommandAsync("explain", "ghost.example.com", "--from", NeighbourLab.BoxAddress)).Output, StringComparison.Ordinal);

        // A second name at the same machine, under another key.
        lab.Publish(avahi, "avahi-publish-address", "-R", "living-room.local", "192.168.77.33");
        await UntilAsync(async () => await lab.DigAsync("tv.example.com", "+short") == "192.168.77.33", lab);

        await lab.Neighbour.RunAsync("ip", "addr", "del", "192.168.77.3/24", "dev", "eth0");
        await lab.Neighbour.RunAsync("ip", "addr", "add", "192.168.77.44/24", "dev", "eth0");
        await UntilAsync(async () => await lab.DigAsync("printer.example.com", "+short") == "192.168.77.44", lab);

        await Shell.OutputAsync("kill", "-TERM", $"{avahi.Id}");
        await UntilAsync(async () => (await lab.DigAsync("printer.example.com")).Contains("status: NXDOMAIN", StringComparison.Ordinal), lab);
    }

    [Fact]
    public async Task A_name_that_avahi_has_stays_its_own_and_ours_is_remembered()
    {
        await using var lab = await NeighbourLab.CreateOrSkipAsync();
        var avahi = await lab.AvahiAsync(lab.Neighbour, "photos");
        await lab.StartEdgeAsync();
        await UntilAsync(async () => await NeighbourLab.AskAsync(avahi, "avahi-resolve", "-4", "-n", "photos-2.local") == $"photos-2.local\t{NeighbourLab.BoxAddress}", lab);
        Assert.Equal($"photos.local\t{NeighbourLab.NeighbourAddress}", await NeighbourLab.AskAsync(avahi, "avahi-resolve", "-4", "-n", "photos.local"));

        // It is told of when it is ours on every link, which is later than on the first.
        await UntilAsync(() => Task.FromResult(lab.Edge.Output.Contains("Another device of the LAN is called photos.local; ours is photos-2.local from now on", StringComparison.Ordinal)), lab);

        // Only the host was taken: the instance keeps its name, and leads to the host's new one.
        await UntilAsync(async () => Families(await NeighbourLab.BrowseAsync(avahi, "_http._tcp")).SequenceEqual(["IPv4 photos photos-2.local 80", "IPv6 photos photos-2.local 80"]), lab);
        await UntilAsync(async () => File.Exists(lab.Edge.DataFile("mdns-names")) && await File.ReadAllTextAsync(lab.Edge.DataFile("mdns-names"), TestContext.Current.CancellationToken) == "photos.local 2\n", lab);

        // With the neighbour gone the name would be free; what it became once it stays.
        await lab.Edge.StopAsync();
        await Shell.OutputAsync("kill", "-TERM", $"{avahi.Id}");
        await lab.RestartEdgeAsync();
        var other = await lab.AvahiAsync(lab.Neighbour, "other");
        await UntilAsync(async () => await NeighbourLab.AskAsync(other, "avahi-resolve", "-4", "-n", "photos-2.local") == $"photos-2.local\t{NeighbourLab.BoxAddress}", lab);
    }

    [Fact]
    public async Task Avahi_on_the_same_machine_stays_and_both_are_heard()
    {
        await using var lab = await NeighbourLab.CreateOrSkipAsync();
        var here = await lab.AvahiAsync(lab.Box, "nas", ("Files", "_smb._tcp", 445, "x=y"));
        await lab.StartEdgeAsync("hosts: {printer: mdns}");
        var there = await lab.AvahiAsync(lab.Neighbour, "printer");
        await UntilAsync(async () => await NeighbourLab.AskAsync(there, "avahi-resolve", "-4", "-n", "nas.local") == $"nas.local\t{NeighbourLab.BoxAddress}", lab);
        await UntilAsync(async () => await NeighbourLab.AskAsync(there, "avahi-resolve", "-4", "-n", "photos.local") == $"photos.local\t{NeighbourLab.BoxAddress}", lab);
        await UntilAsync(async () => (await NeighbourLab.BrowseAsync(here, "_http._tcp")).Length == 2, lab);
        await UntilAsync(async () => await lab.DigAsync("printer.example.com", "+short") == NeighbourLab.NeighbourAddress, lab);
        Assert.DoesNotContain("Another device", lab.Edge.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interfaces_are_followed_and_those_of_containers_are_not_spoken_on()
    {
        await using var lab = await NeighbourLab.CreateOrSkipAsync();
        await lab.Box.RunAsync("ip", "link", "add", "docker0", "type", "bridge");
        await lab.Box.RunAsync("ip", "addr", "add", "172.17.0.1/16", "dev", "docker0");
        await lab.Box.RunAsync("ip", "link", "set", "docker0", "up");
        await lab.StartEdgeAsync();
        var avahi = await lab.AvahiAsync(lab.Neighbour, "printer");
        await UntilAsync(async () => await NeighbourLab.AskAsync(avahi, "avahi-resolve", "-4", "-n", "photos.local") == $"photos.local\t{NeighbourLab.BoxAddress}", lab);
        Assert.DoesNotContain("docker0", lab.Edge.Output.Split('\n').Single(line => line.Contains("mDNS is spoken", StringComparison.Ordinal)), StringComparison.Ordinal);

        await lab.Box.RunAsync("ip", "addr", "del", "192.168.77.2/24", "dev", "eth0");
        await lab.Box.RunAsync("ip", "addr", "add", "192.168.77.22/24", "dev", "eth0");
        await UntilAsync(async () => await NeighbourLab.AskAsync(avahi, "avahi-resolve", "-4", "-n", "photos.local") == "photos.local\t192.168.77.22", lab);

        await lab.Box.RunAsync("ip", "link", "set", "eth0", "down");
        await UntilAsync(() => Task.FromResult(lab.Edge.Output.Contains("mDNS is spoken on no interface", StringComparison.Ordinal)), lab);
        await lab.Box.RunAsync("ip", "link", "set", "eth0", "up");
        await lab.Box.RunAsync("ip", "addr", "add", "fd77::2/64", "dev", "eth0", "nodad");
        await UntilAsync(async () => await NeighbourLab.AskAsync(avahi, "avahi-resolve", "-6", "-n", "photos.local") == $"photos.local\t{NeighbourLab.BoxAddressV6}", lab);
    }

    [Fact]
    public async Task What_avahi_offers_is_listed_and_served_when_it_is_adopted()
    {
        await using var lab = await NeighbourLab.CreateOrSkipAsync();
        await lab.StartEdgeAsync("mdns: {browse: on}");
        await lab.AvahiAsync(lab.Neighbour, "printer", ("Drucker im 2. OG", "_http._tcp", 8631, "path=/ui"));
        // Its addresses may come one by one.
        await UntilAsync(
            async () => System.Text.RegularExpressions.Regex.IsMatch((await lab.Edge.CommandAsync("services", "found")).Output, @"drucker-im-2-og +Drucker im 2\. OG +_http\._tcp +http://192\.168\.77\.3:8631 +printer\.local +-"), lab);
        Assert.DoesNotContain("Drucker", (await lab.Edge.CommandAsync("services")).Output, StringComparison.Ordinal);

        Assert.Contains("nothing called \"scanner\" was found", (await lab.Edge.CommandAsync("services", "adopt", "scanner")).Output, StringComparison.Ordinal);
        Assert.Contains("there is a service photos already", (await lab.Edge.CommandAsync("services", "adopt", "drucker-im-2-og", "--as", "photos")).Output, StringComparison.Ordinal);
        var adopted = await lab.Edge.CommandAsync("services", "adopt", "Drucker im 2. OG", "--as", "ink");
        Assert.True(adopted.ExitCode == 0, adopted.Output);
        await UntilAsync(async () => await lab.DigAsync("ink.nas.example.com", "+short") == NeighbourLab.BoxAddress, lab);
        await UntilAsync(async () => (await lab.Edge.CommandAsync("services", "found")).Output.TrimEnd().EndsWith(" ink", StringComparison.Ordinal), lab);
        Assert.Contains("edge services found lists", (await lab.Edge.CommandAsync("services", "adopt", "no", "--as", "ink")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_adopted_follows_the_device_and_goes_with_it()
    {
        Shell.Need("curl", "curl");
        await using var lab = await NeighbourLab.CreateOrSkipAsync();
        await lab.StartEdgeAsync("mdns: {adopt: [{instance: \"Dru*\", as: ink}, nas.local]}");
        var avahi = await lab.AvahiAsync(lab.Neighbour, "printer", ("Drucker im 2. OG", "_http._tcp", 8631, "path=/ui"), ("Other", "_http._tcp", 8632, "x=y"), ("Scan", "_scanner._tcp", 6566, "x=y"));
        await UntilAsync(async () => await lab.DigAsync("ink.nas.example.com", "+short") == NeighbourLab.BoxAddress, lab);
        var told = (await lab.Edge.CommandAsync("services", "ink")).Output;
        Assert.Contains("ink (mdns Drucker im 2. OG (_http._tcp))", told, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^  source +mdns$", told);
        Assert.Matches(@"(?m)^  expose +lan$", told);
        Assert.Matches(@"(?m)^  destination +http://192\.168\.77\.3:8631", told);
        Assert.Contains("where Drucker im 2. OG (_http._tcp) of printer.local is, heard by mDNS on eth0", told, StringComparison.Ordinal);
        Assert.DoesNotContain("8632", (await lab.Edge.CommandAsync("services")).Output, StringComparison.Ordinal);
        await UntilAsync(async () => (await lab.Edge.CommandAsync("services", "found")).Output.Contains("other types in the LAN, for mdns: browse of edge.yaml: _scanner._tcp", StringComparison.Ordinal), lab);
        Assert.Contains("ocation: https://ink.nas.example.com/ui", await lab.Box.RunAsync("curl", "-skI", "--resolve", $"ink.nas.example.com:443:{NeighbourLab.BoxAddress}", "https://ink.nas.example.com/"), StringComparison.Ordinal);

        // By hand as well, into a file.
        Assert.Contains("mdns: {instance: \"Other\", type: _http._tcp}", (await lab.Edge.CommandAsync("services", "adopt", "Other")).Output, StringComparison.Ordinal);
        await UntilAsync(async () => (await lab.Edge.CommandAsync("services", "other")).Output.Contains("http://192.168.77.3:8632", StringComparison.Ordinal), lab);

        // It moves, within the machine and to another address.
        await Shell.OutputAsync("kill", "-TERM", $"{avahi.Id}");
        await UntilAsync(async () => !(await lab.Edge.CommandAsync("services")).Output.Contains("ink", StringComparison.Ordinal) && await lab.DigAsync("ink.nas.example.com", "+short") != NeighbourLab.BoxAddress, lab);
        await UntilAsync(async () => (await lab.Edge.CommandAsync("services", "other")).Output.Contains("answered with 503, because nothing is heard in the LAN of Other", StringComparison.Ordinal), lab);
        Assert.Matches(@"(?m)^  state +away$", (await lab.Edge.CommandAsync("services", "other")).Output);
        Assert.Contains("503", await lab.Box.RunAsync("curl", "-skI", "--resolve", $"other.nas.example.com:443:{NeighbourLab.BoxAddress}", "https://other.nas.example.com/"), StringComparison.Ordinal);
        await lab.Neighbour.RunAsync("ip", "addr", "del", "192.168.77.3/24", "dev", "eth0");
        await lab.Neighbour.RunAsync("ip", "addr", "add", "192.168.77.44/24", "dev", "eth0");
        await lab.AvahiAsync(lab.Neighbour, "printer", ("Drucker im 2. OG", "_http._tcp", 9631, "x=y"), ("Other", "_http._tcp", 9632, "x=y"));
        await UntilAsync(async () => (await lab.Edge.CommandAsync("services", "ink")).Output.Contains("http://192.168.77.44:9631", StringComparison.Ordinal), lab);
        await UntilAsync(async () => (await lab.Edge.CommandAsync("services", "other")).Output.Contains("http://192.168.77.44:9632", StringComparison.Ordinal), lab);

        // What the device announces is not announced a second time.
        Assert.DoesNotContain("Another device", lab.Edge.Output, StringComparison.Ordinal);

        // Rules are taken over at once.
        lab.WriteSettings("mdns: {browse: off}");
        await UntilAsync(async () => !(await lab.Edge.CommandAsync("services")).Output.Contains("ink", StringComparison.Ordinal) && await lab.DigAsync("ink.nas.example.com", "+short") != NeighbourLab.BoxAddress, lab);
        Assert.Contains("9632", (await lab.Edge.CommandAsync("services", "other")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handover_to_another_process_is_not_noticed()
    {
        await using var lab = await NeighbourLab.CreateOrSkipAsync();
        await lab.StartEdgeAsync();
        var avahi = await lab.AvahiAsync(lab.Neighbour, "printer");
        await UntilAsync(async () => await NeighbourLab.AskAsync(avahi, "avahi-resolve", "-4", "-n", "photos.local") == $"photos.local\t{NeighbourLab.BoxAddress}", lab);
        var events = new List<string>();
        var watching = lab.Publish(avahi, "avahi-browse", "-p", "_http._tcp");
        watching.OutputDataReceived += (_, line) =>
        {
            lock (events)
            {
                events.Add(line.Data ?? "");
            }
        };
        watching.BeginOutputReadLine();
        var before = await lab.Edge.HandOverAsync();
        await UntilAsync(() => Task.FromResult(before.HasExited), lab);
        await UntilAsync(async () => await NeighbourLab.AskAsync(avahi, "avahi-resolve", "-6", "-n", "photos.local") == $"photos.local\t{NeighbourLab.BoxAddressV6}", lab);
        lab.WriteService("music");
        await UntilAsync(async () => await NeighbourLab.AskAsync(avahi, "avahi-resolve", "-4", "-n", "music.local") == $"music.local\t{NeighbourLab.BoxAddress}", lab);
        Assert.DoesNotContain("Another device", lab.Edge.Output, StringComparison.Ordinal);
        lock (events)
        {
            Assert.DoesNotContain(events, line => line.StartsWith('-'));
        }
    }

    [Fact]
    public async Task A_flood_from_a_neighbour_is_counted_and_another_is_heard_meanwhile()
    {
        Shell.Need("python3", "python3");
        Shell.Need("curl", "curl");
        await using var lab = await NeighbourLab.CreateOrSkipAsync();
        await lab.StartEdgeAsync("mdns: {browse: on}\nhosts: {printer: mdns}");

        // 20,000 hosts that nobody asked for, one message of 9,500 bytes, one that points at itself, and answers from a wrong port.
        const string Flood = """
            import socket, struct
            def sock(address, port):
                s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.bind((address, port)); s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address)); s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
                return s
            def answer(name, address): return struct.pack('>6H', 0, 0x8400, 0, 1, 0, 0) + bytes([len(name)]) + name + b'\x05local\x00' + struct.pack('>2HIH', 1, 0x8001, 120, 4) + socket.inet_aton(address)
            group = ('224.0.0.251', 5353)
            right, wrong = sock('192.168.77.66', 5353), sock('192.168.77.66', 40000)
            wrong.sendto(answer(b'printer', '192.168.77.66'), group)
            right.sendto(struct.pack('>6H', 0, 0x8400, 0, 1, 0, 0) + b'\xc0\x0c' + bytes(14), group)
            right.sendto(struct.pack('>6H', 0, 0x8400, 0, 1, 0, 0) + bytes(9488), group)
            for i in range(20000): right.sendto(answer(b'host-%d' % i, '192.168.77.66'), group)
            """;
        await lab.Neighbour.RunAsync("ip", "addr", "add", "192.168.77.66/24", "dev", "eth0");
        Assert.Equal("", await lab.Neighbour.RunAsync("python3", "-c", Flood));
        var token = (await File.ReadAllTextAsync(lab.Edge.DataFile("admin.token"), TestContext.Current.CancellationToken)).Trim();
        var metrics = "";
        await UntilAsync(
            async () =>
            {
                metrics = await lab.Box.RunAsync("curl", "-s", "-H", $"Authorization: Bearer {token}", "http://127.0.0.1:8480/metrics");
                return Metric(metrics, "flood") > 1000;
            },
            lab);
        Assert.True(Metric(metrics, "strange") >= 1, metrics);
        Assert.True(Metric(metrics, "malformed") >= 2, metrics);
        Assert.Contains("status: NXDOMAIN", await lab.DigAsync("printer.example.com"), StringComparison.Ordinal);

        await lab.Neighbour.RunAsync("ip", "addr", "del", "192.168.77.66/24", "dev", "eth0");
        await lab.AvahiAsync(lab.Neighbour, "printer");
        await UntilAsync(async () => await lab.DigAsync("printer.example.com", "+short") == NeighbourLab.NeighbourAddress, lab);

        static long Metric(string metrics, string fate) =>
            metrics.Split('\n').FirstOrDefault(line => line.StartsWith($"edge_mdns_received_total{{fate=\"{fate}\"}}", StringComparison.Ordinal)) is { } line ? long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture) : 0;
    }

    [Fact]
    public async Task A_neighbour_that_claims_every_next_name_in_one_packet_takes_one_and_no_more()
    {
        Shell.Need("python3", "python3");
        await using var lab = await NeighbourLab.CreateOrSkipAsync();

        // Waits for the first probe and says that it has that name and 300 that would come next, and stays for as long as it is read.
        const string Claimant = """
            import socket, struct
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind(('', 5353)); s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton('192.168.77.3')); s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
            s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton('224.0.0.251') + socket.inet_aton('192.168.77.3'))
            names = [b'photos'] + [b'photos-%d' % i for i in range(2, 301)]
            says = b''.join((bytes([len(n)]) + n + (b'\x05local\x00' if n == b'photos' else b'\xc0\x13')) + struct.pack('>2HIH', 1, 0x8001, 120, 4) + socket.inet_aton('192.168.77.66') for n in names)
            print('ready', flush=True)
            while True:
                data, source = s.recvfrom(9000)
                if source[0] == '192.168.77.2' and data[8:10] != b'\0\0' and b'\x06photos\x05local' in data:
                    s.sendto(struct.pack('>6H', 0, 0x8400, 0, len(names), 0, 0) + says, ('224.0.0.251', 5353)); break
            """;
        var claiming = lab.Neighbour.RunAsync("python3", "-c", Claimant);
        await UntilAsync(async () => (await lab.Neighbour.RunAsync("cat", "/proc/net/udp")).Contains(":14E9", StringComparison.Ordinal), lab);
        await lab.StartEdgeAsync();
        await UntilAsync(() => Task.FromResult(lab.Edge.Output.Contains("Another device of the LAN is called photos.local; ours is photos-2.local from now on", StringComparison.Ordinal)), lab);
        await UntilAsync(async () => File.Exists(lab.Edge.DataFile("mdns-names")) && await File.ReadAllTextAsync(lab.Edge.DataFile("mdns-names"), TestContext.Current.CancellationToken) == "photos.local 2\n", lab);
        Assert.Equal("ready", (await claiming).Trim());
        Assert.Equal(1, lab.Edge.Output.Split("Another device of the LAN").Length - 1);
    }

    [Fact]
    public async Task Packets_carry_the_hop_limit_255_and_a_resolver_without_mdns_is_answered()
    {
        Shell.Need("python3", "python3");
        await using var lab = await NeighbourLab.CreateOrSkipAsync();
        await lab.StartEdgeAsync();
        const string Listener = """
            import socket, struct, sys
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('', 0)); s.setsockopt(socket.IPPROTO_IP, 12, 1); s.settimeout(1)
            q = struct.pack('>6H', 4711, 0, 1, 0, 0, 0) + b'\x06photos\x05local\x00' + struct.pack('>2H', 1, 1)
            for _ in range(20):
                s.sendto(q, ('224.0.0.251', 5353))
                try: data, more, _, source = s.recvmsg(9000, 100)
                except socket.timeout: continue
                print(source[0], struct.unpack('i', more[0][2])[0], struct.unpack('>H', data[:2])[0], socket.inet_ntoa(data[-4:]) if data[7] == 1 and data[11] == 0 else data.hex()); break
            """;
        await lab.Neighbour.RunAsync("ip", "route", "add", "224.0.0.0/4", "dev", "eth0");
        var said = await lab.Neighbour.RunAsync("python3", "-c", Listener);
        Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"{NeighbourLab.BoxAddress} 255 4711 "), said, StringComparison.Ordinal);
    }

    private static string[] Families(string[] lines) => [.. lines.Select(line => line.Split(' ')).Select(words => $"{words[0]} {words[1]} {words[2]} {words[4]}")];

    private static Task UntilAsync(Func<Task<bool>> condition, NeighbourLab lab) => Eventually.TrueAsync(condition, () => $"it did not come true\n{lab.Edge.Output}", () => false, TimeSpan.FromSeconds(60));
}
