using System.Net;
using System.Net.Sockets;

namespace Edge.Tests.Whole;

/// <summary>What stops a start is told in one clear line, and what need not stop it does not.</summary>
public sealed class BadStartTests
{
    [Theory]
    [InlineData("domian: example.com", "edge.yaml:1: domian: is not a known key (did you mean \"domain\"?)")]
    [InlineData("dns:\n  listen: [here]", "edge.yaml:2: dns.listen[0]: \"here\" is not ADDRESS or ADDRESS:PORT")]
    [InlineData("domain: exa mple.com", "edge.yaml:1: domain: \"exa mple.com\" is not a host name")]
    [InlineData("views:\n  lan:\n    clients: [10.0.0.0/33]", "edge.yaml:3: views.lan.clients[0]: \"10.0.0.0/33\" is not an address or a network")]
    [InlineData("views:\n  guests: {}", "edge.yaml:2: views.guests: has no clients")]
    [InlineData("a: [", "edge.yaml:1: is not YAML")]
    [InlineData("gateway:\n  http: [127.0.0.1:7000]\n  https: [127.0.0.1:7000]", "edge.yaml:1: gateway: gateway.https and gateway.http are both 127.0.0.1:7000: each needs a port of its own")]
    public async Task A_slip_in_edge_yaml_is_told_with_its_line(string yaml, string expected)
    {
        await using var edge = EdgeProcess.InExampleFolder();
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "edge.yaml"), yaml);
        edge.StartOnly();
        Assert.Equal(2, await edge.ExitCodeAsync());
        Assert.Contains(expected, edge.Output, StringComparison.Ordinal);
        var check = await edge.CommandAsync("check");
        Assert.Equal(1, check.ExitCode);
        Assert.Contains(expected, check.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_edge_yaml_is_told_in_one_line()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        File.Delete(Path.Combine(edge.Folder, "edge.yaml"));
        edge.StartOnly();
        Assert.Equal(2, await edge.ExitCodeAsync());
        Assert.Single(edge.Output.TrimEnd().Split('\n'));
        Assert.Contains("edge.yaml: is not there", edge.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dns")]
    [InlineData("http")]
    [InlineData("https")]
    [InlineData("admin")]
    public async Task A_taken_port_is_named_with_its_address(string which)
    {
        await using var edge = EdgeProcess.InExampleFolder();
        var port = which switch { "dns" => edge.Dns, "http" => edge.Http, "https" => edge.Https, _ => edge.Admin };
        using var other = new TcpListener(IPAddress.Loopback, port);
        other.Start();
        using var udp = which == "dns" ? new UdpClient(new IPEndPoint(IPAddress.Loopback, port)) : null;
        edge.StartOnly();
        Assert.Equal(3, await edge.ExitCodeAsync());
        Assert.Contains($"127.0.0.1:{port}", edge.Output, StringComparison.Ordinal);
        Assert.Matches("is taken by another program|another program has this port", edge.Output);
        Assert.DoesNotContain("   at Edge.", edge.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data: /proc/edge", "/proc/edge")]
    [InlineData("data: edge.yaml", "edge.yaml")]
    public async Task A_data_folder_that_cannot_be_made_is_told_in_one_line(string setting, string expected)
    {
        await using var edge = EdgeProcess.InExampleFolder();
        edge.WriteSettings(text => text.Replace("data: data", setting, StringComparison.Ordinal));
        await IsToldAsync(edge, expected, "cannot be written");
    }

    [Fact]
    public async Task A_data_folder_on_a_read_only_file_system_is_told_in_one_line()
    {
        Shell.Need("unshare", "util-linux");
        Assert.SkipUnless(await AcmeTests.MayMakeNamespacesAsync("-m"), "mount namespaces cannot be made here: needs root");
        await using var edge = EdgeProcess.InExampleFolder();
        edge.Before = ["unshare", "-m", "sh", "-c", "mkdir data && mount -t tmpfs -o ro tmpfs data && exec \"$@\"", "sh"];
        await IsToldAsync(edge, "data", "cannot be written");
    }

    [Fact]
    public async Task A_second_Edge_on_the_same_data_is_told_who_has_it_and_harms_nothing()
    {
        await using var first = EdgeProcess.InExampleFolder();
        await first.StartAsync();
        await using var second = EdgeProcess.InExampleFolder();
        second.WriteSettings(text => text.Replace("data: data", $"data: {first.Folder}/data", StringComparison.Ordinal));
        await IsToldAsync(second, $"already in use by process {first.Id}", "stop that one");
        using var api = first.Api();
        Assert.Contains("photos", await api.GetStringAsync("/v1/services?all=true"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_Edge_in_the_same_folder_is_told_of_the_first_one_and_not_of_its_ports()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        var second = await edge.CommandAsync("run");
        Assert.Equal(3, second.ExitCode);
        var line = Assert.Single(second.Output.TrimEnd().Split('\n'));
        Assert.Contains($"data is already in use by process {edge.Id}: stop that one", line, StringComparison.Ordinal);
        Assert.False(edge.HasEnded);
    }

    [Theory]
    [InlineData("ca/root.key")]
    [InlineData("ca/root.crt")]
    [InlineData("edge.db")]
    public async Task A_damaged_file_that_people_trust_is_named_and_left_as_it_is(string file)
    {
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        await edge.StopAsync();
        var path = Path.Combine(edge.Folder, "data", file);
        await File.WriteAllTextAsync(path, "this is something else, and a good deal of it, as a slip of the hand would leave it behind\n");
        var left = await File.ReadAllTextAsync(path);
        edge.Forget();
        await IsToldAsync(edge, path, "");
        Assert.Equal(left, await File.ReadAllTextAsync(path));
    }

    [Fact]
    public async Task A_signal_in_the_middle_of_the_start_ends_it_in_order()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        edge.StartOnly();
        await Eventually.TrueAsync(() => Task.FromResult(File.Exists(Path.Combine(edge.Folder, "data", "edge.lock"))), () => edge.Output);
        Assert.Equal(0, await edge.StopAsync());
        Assert.DoesNotContain("   at ", edge.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_zone_with_errors_does_not_keep_the_others_from_serving()
    {
        Shell.Need("dig", "bind9-dnsutils");
        await using var edge = EdgeProcess.InExampleFolder();
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "zones", "broken.test.zone"), "$TTL 60\n@ SOA nonsense\nwww A 300.1.1.1\n");
        await edge.StartAsync();
        Assert.Equal("192.168.1.10", await edge.DigAsync("nas.example.com", "A", "+short"));
        Assert.Contains("zones/broken.test.zone:2", edge.Output, StringComparison.Ordinal);
        Assert.Contains("zones/broken.test.zone:3", edge.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_told_of_HTTP2_which_the_event_loops_speak()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        edge.WriteSettings(text => text.Replace("gateway:\n", "gateway:\n  transport: epoll\n", StringComparison.Ordinal));
        await edge.StartAsync();
        await using (var client = await Gateway.RawClient.ConnectAsync(edge.Https, "nas.example.com", http2: true))
        {
            Assert.Equal(System.Net.Security.SslApplicationProtocol.Http2, client.Protocol);
        }

        Assert.DoesNotContain("HTTP/2 is not enabled", edge.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/nonexistent")]
    public async Task A_user_without_a_home_is_no_obstacle(string home)
    {
        await using var edge = EdgeProcess.InExampleFolder();
        edge.Environment["HOME"] = home;
        await edge.StartAsync();
        Assert.DoesNotContain(" ERR ", edge.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(edge.Folder, "data", "certificates", "internal", "wildcard_.nas.example.com", "wildcard_.nas.example.com.crt")));
        Assert.Equal(["access.key", "admin.token", "dns-cookie.secrets", "edge.db", "edge.db-shm", "edge.db-wal", "edge.lock", "edge.pid", "zone-serials"], Directory.EnumerateFiles(Path.Combine(edge.Folder, "data")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    private static async Task IsToldAsync(EdgeProcess edge, string what, string more)
    {
        edge.StartOnly();
        Assert.Equal(3, await edge.ExitCodeAsync());
        var line = Assert.Single(edge.Output.TrimEnd().Split('\n'), line => line.StartsWith("edge: ", StringComparison.Ordinal));
        Assert.Contains(what, line, StringComparison.Ordinal);
        Assert.Contains(more, line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", edge.Output, StringComparison.Ordinal);
    }
}
