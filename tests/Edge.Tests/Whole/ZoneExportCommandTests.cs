using System.Diagnostics;

namespace Edge.Tests.Whole;

/// <summary><c>edge zone export</c> and <c>edge zone diff</c>: what is served, for other servers and beside another version.</summary>
public sealed class ZoneExportCommandTests
{
    // What names of types and parameters other servers have is what an export may use.
    private const string Rich = """
        $TTL 1h
        @ SOA ns1 hostmaster 7 1h 15m 2w 5m
        @ NS ns1
        ns1 A 192.0.2.1
        @ MX 10 ns1
        @ CAA 0 issue "ca.example; x=\"y\""
        t TXT "a;b\"c\\d\200" "" x
        w\.x\@y\032z A 192.0.2.2
        *.w A 192.0.2.3
        h HTTPS 1 . alpn="h2,h3" ech=AEX+DQBBtgAgACDf
        d SVCB 1 . alpn=h2 dohpath=/q{?dns} ohttp
        s SSHFP 4 2 abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789
        l LOC 52 22 23.123 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
        c CERT PKIX 1 ECDSAP256SHA256 aGVsbG8=
        n NAPTR 100 10 "S" "SIP+D2U" "!^.*$!sip:info@example.com!" .
        u TYPE65280 \# 3 0a0b0c
        sub NS ns.sub
        sub DS 12345 13 2 abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789
        ns.sub A 192.0.2.4
        a 5m ALIAS ns1
        """;

    [Theory]
    [InlineData("bind9-utils", "named-checkzone", "rich.test", "FILE")]
    [InlineData("knot-dnssecutils", "kzonecheck", "-o", "rich.test", "FILE")]
    [InlineData("nsd", "nsd-checkzone", "rich.test", "FILE")]
    [InlineData("ldnsutils", "ldns-read-zone", "FILE")]
    public async Task An_export_is_a_file_that_other_servers_load(string package, string program, params string[] arguments)
    {
        Shell.Need(program, package);
        await using var edge = EdgeProcess.InExampleFolder();
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "zones", "rich.test.zone"), Rich);
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "zones", "lan", "rich.test.zone"), "$TTL 1m\nt A 192.168.1.7\n");
        await edge.StartAsync();
        var export = await edge.CommandAsync("zone", "export", "rich.test", "--view", "lan");
        Assert.Equal(0, export.ExitCode);
        Assert.Contains("t.rich.test. 60 IN A 192.168.1.7", export.Output, StringComparison.Ordinal);
        Assert.Contains("a.rich.test. 300 IN A 192.0.2.1", export.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("t.rich.test. 3600", export.Output, StringComparison.Ordinal);
        var file = Path.Combine(edge.Folder, "export");
        await File.WriteAllTextAsync(file, export.Output);
        using var check = Process.Start(new ProcessStartInfo(program, arguments.Select(argument => argument == "FILE" ? file : argument)) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = check.StandardError.ReadToEndAsync();
        var said = await check.StandardOutput.ReadToEndAsync() + await error;
        await check.WaitForExitAsync();
        Assert.True(check.ExitCode == 0, said + export.Output);

        // What is exported is what is served: the file is no other than the zone it came from.
        var diff = await edge.CommandAsync("zone", "diff", "rich.test", "export", "--view", "lan");
        Assert.Equal((0, ""), (diff.ExitCode, diff.Output));
    }

    [Fact]
    public async Task A_client_decides_the_view_and_what_is_unknown_is_said()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        Assert.Contains("as the view lan sees it", (await edge.CommandAsync("zone", "export", "example.com", "--from", "127.0.0.1")).Output, StringComparison.Ordinal);
        var outside = await edge.CommandAsync("zone", "export", "example.com", "--from", "198.51.100.7");
        Assert.Contains("as the view public sees it", outside.Output, StringComparison.Ordinal);
        Assert.Contains("--view VIEW or --from ADDRESS (in a URL ?view=VIEW or ?from=ADDRESS); the views are lan, public", (await Failing(edge, "example.com")).Output, StringComparison.Ordinal);
        Assert.Contains("there is no view \"nope\"", (await Failing(edge, "example.com", "--view", "nope")).Output, StringComparison.Ordinal);
        Assert.Contains("no zone nope.test here; the zones are", (await Failing(edge, "nope.test")).Output, StringComparison.Ordinal);
        Assert.Contains("no zone nope.test here; the zones are", (await Failing(edge, "nope.test", "--view", "lan")).Output, StringComparison.Ordinal);
        Assert.Contains("is not an IP address", (await Failing(edge, "example.com", "--from", "here")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_views_a_file_and_what_is_served_and_two_files_are_compared()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "zones", "rich.test.zone"), Rich);
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "zones", "lan", "rich.test.zone"), "$TTL 1m\nns1 A 192.168.1.7\n");
        await edge.StartAsync();
        var views = await edge.CommandAsync("zone", "diff", "rich.test", "--view", "public", "--view", "lan");
        Assert.Equal(
            (1, "--- rich.test in the view public\n+++ rich.test in the view lan\n-a.rich.test. 300 IN A 192.0.2.1\n+a.rich.test. 60 IN A 192.168.1.7\n-ns1.rich.test. 3600 IN A 192.0.2.1\n+ns1.rich.test. 60 IN A 192.168.1.7\n"),
            (views.ExitCode, views.Output.ReplaceLineEndings("\n")));

        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "next"), Rich.Replace("hostmaster 7", "hostmaster 8", StringComparison.Ordinal).Replace("MX 10 ns1", "MX 20 ns1", StringComparison.Ordinal) + "\nnew A 192.0.2.9\n");
        var served = await edge.CommandAsync("zone", "diff", "rich.test", "next", "--view", "public");
        Assert.Equal(
            (1, "--- rich.test in the view public\n+++ next\n-rich.test. 3600 IN MX 10 ns1.rich.test.\n+rich.test. 3600 IN MX 20 ns1.rich.test.\n-a.rich.test. 300 IN A 192.0.2.1\n+a.rich.test. 300 IN ALIAS ns1.rich.test.\n+new.rich.test. 3600 IN A 192.0.2.9\n"),
            (served.ExitCode, served.Output.ReplaceLineEndings("\n")));

        var files = await edge.CommandAsync("zone", "diff", "next", "zones/rich.test.zone", "--origin", "rich.test");
        Assert.Contains("-new.rich.test. 3600 IN A 192.0.2.9", files.Output, StringComparison.Ordinal);
        Assert.Contains("name two views", (await edge.CommandAsync("zone", "diff", "rich.test")).Output, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("there is no file nope", (await edge.CommandAsync("zone", "diff", "rich.test", "nope")).Output, StringComparison.Ordinal);
    }

    private static async Task<CommandResult> Failing(EdgeProcess edge, params string[] arguments)
    {
        var result = await edge.CommandAsync(["zone", "export", .. arguments]);
        Assert.Equal(1, result.ExitCode);
        return result;
    }
}
