namespace Edge.Tests.Whole;

/// <summary><c>edge zone check</c>: zone files by path or by zone, beside a stopped Edge or far from any.</summary>
public sealed class ZoneCheckCommandTests
{
    private const string Broken = "$TTL 1h\n@ SOA ns1 hostmaster 1 1h 15m 2w 5m\n@ NS ns1\nns1 A 192.0.2.1\nwww A 192.0.2.999\nftp CNAME\n";

    [Fact]
    public async Task Without_arguments_the_whole_folder_is_checked()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        var good = await edge.CommandAsync("zone", "check");
        Assert.Equal(0, good.ExitCode);
        Assert.StartsWith("no mistakes", good.Output, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "zones", "broken.test.zone"), Broken);
        var bad = await edge.CommandAsync("zone", "check");
        Assert.Equal(1, bad.ExitCode);
        Assert.Contains("zones/broken.test.zone:5: ", bad.Output, StringComparison.Ordinal);
        Assert.Contains("zones/broken.test.zone:6: ", bad.Output, StringComparison.Ordinal);
        Assert.Contains("mistakes: 2, warnings: 0", bad.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("broken.test")]
    [InlineData("BROKEN.test.")]
    [InlineData("zones/broken.test.zone")]
    public async Task A_zone_or_a_file_is_checked_alone(string target)
    {
        await using var edge = EdgeProcess.InExampleFolder();
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "zones", "broken.test.zone"), Broken);
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "zones", "other.test.zone"), "nonsense");
        var result = await edge.CommandAsync("zone", "check", target);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("zones/broken.test.zone:5: ", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("other.test", result.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await edge.CommandAsync("zone", "check", "example.com")).ExitCode);
    }

    [Fact]
    public async Task A_file_of_a_view_is_judged_over_its_zone()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        Assert.Equal(0, (await edge.CommandAsync("zone", "check", "zones/lan/example.com.zone")).ExitCode);
    }

    [Fact]
    public async Task A_file_anywhere_is_checked_by_its_name_or_by_the_origin_given()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        File.Delete(Path.Combine(edge.Folder, "edge.yaml"));
        Directory.CreateDirectory(Path.Combine(edge.Folder, "elsewhere"));
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "elsewhere", "db.test"), Broken.Replace("999", "9", StringComparison.Ordinal).Replace("CNAME", "$INCLUDE", StringComparison.Ordinal));
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "elsewhere", "good.test.zone"), "$TTL 1h\n@ SOA ns1 hostmaster 1 1h 15m 2w 5m\n@ NS ns1\n$INCLUDE part.inc\n");
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "elsewhere", "part.inc"), "ns1 A 192.0.2.1\n");

        var nameless = await edge.CommandAsync("zone", "check", "elsewhere/db.test");
        Assert.Equal(1, nameless.ExitCode);
        Assert.Contains("--origin", nameless.Output, StringComparison.Ordinal);
        Assert.Contains("elsewhere/db.test:6: ", (await edge.CommandAsync("zone", "check", "elsewhere/db.test", "--origin", "example.net")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await edge.CommandAsync("zone", "check", "elsewhere/good.test.zone")).ExitCode);
    }

    [Fact]
    public async Task What_is_neither_a_file_nor_a_zone_is_named()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        var result = await edge.CommandAsync("zone", "check", "nope.test");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("there is no file nope.test, and no zone of that name in zones/", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_of_a_zone_that_is_not_there_are_told()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        edge.WriteSettings(text => text.Replace("dns:\n", "dns:\n  zones:\n    nosuch.net:\n      sign: true\n    example.com:\n      sign: true\n", StringComparison.Ordinal));
        var check = await edge.CommandAsync("check");
        Assert.Equal(0, check.ExitCode);
        Assert.Contains("dns.zones.nosuch.net: there is no zone of that name; its records belong into zones/nosuch.net.zone", check.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("dns.zones.example.com", check.Output, StringComparison.Ordinal);
    }
}
