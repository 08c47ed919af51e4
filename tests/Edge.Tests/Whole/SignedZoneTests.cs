namespace Edge.Tests.Whole;

/// <summary>A zone becomes a signed one: the setting, the commands, the DS, and validators in both views.</summary>
public sealed class SignedZoneTests
{
    [Fact]
    public async Task A_zone_is_signed_as_soon_as_the_settings_say_so_and_its_key_is_exchanged_step_by_step()
    {
        Shell.Need("delv", "bind9-dnsutils");
        await using var edge = EdgeProcess.InExampleFolder();
        edge.WriteSettings(text => text);
        await edge.StartAsync();

        var before = await edge.CommandAsync("zone", "sign", "example.com");
        Assert.Equal(1, before.ExitCode);
        Assert.Contains("sign: true", before.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("RRSIG", await edge.DigAsync("+dnssec", "nas.example.com", "A"), StringComparison.Ordinal);

        // Nobody is asked beyond this machine: the DS is confirmed by hand below.
        edge.WriteSettings(text => text.Replace("[9.9.9.9, 1.1.1.1]", "[\"127.0.0.1:1\"]", StringComparison.Ordinal).Replace("dns:\n", "dns:\n  zones:\n    example.com:\n      sign: true\n", StringComparison.Ordinal));
        await Eventually.TrueAsync(async () => (await edge.DigAsync("+dnssec", "nas.example.com", "A")).Contains("RRSIG", StringComparison.Ordinal), () => edge.Output);

        var signed = await edge.CommandAsync("zone", "sign", "example.com");
        Assert.Equal(0, signed.ExitCode);
        Assert.Matches(@"example\.com\. IN DS \d+ 13 2 [0-9A-F]{64}", signed.Output);
        var anchors = Path.Combine(edge.Folder, "anchors");
        var key = (await edge.DigAsync("+short", "example.com", "DNSKEY")).Split(' ', 4);
        await File.WriteAllTextAsync(anchors, $"trust-anchors {{ \"example.com.\" static-key {key[0]} {key[1]} {key[2]} \"{key[3]}\"; }};");
        foreach (var (from, address) in (ValueTuple<string, string>[])[("127.0.0.1", "192.168.1.10"), ("127.0.0.2", "203.0.113.10")])
        {
            foreach (var name in (string[])["nas.example.com", "anything.nas.example.com"])
            {
                var answer = await DelvAsync(edge, anchors, from, name, "A");
                Assert.Contains("fully validated", answer, StringComparison.Ordinal);
                Assert.Contains(address, answer, StringComparison.Ordinal);
            }

            Assert.Contains("fully validated", await DelvAsync(edge, anchors, from, "gone.example.com", "A"), StringComparison.Ordinal);
        }

        var first = await edge.CommandAsync("zone", "roll", "example.com");
        Assert.True(first.ExitCode == 0, first.Output);
        Assert.Contains("Step 1 of 4", first.Output, StringComparison.Ordinal);
        var early = await edge.CommandAsync("zone", "roll", "example.com");
        Assert.Equal(1, early.ExitCode);
        Assert.Contains("too early", early.Output, StringComparison.Ordinal);
        var keys = await edge.CommandAsync("zone", "keys", "example.com");
        Assert.Equal(2, keys.Output.Split('\n').Count(line => line.Contains("ECDSA P-256", StringComparison.Ordinal)));
        Assert.Contains("fully validated", await DelvAsync(edge, anchors, "127.0.0.1", "nas.example.com", "A"), StringComparison.Ordinal);

        // What a step reached lasts through kill -9.
        await edge.KillAsync();
        await edge.StartAsync();
        Assert.Contains("too early", (await edge.CommandAsync("zone", "roll", "example.com")).Output, StringComparison.Ordinal);
        var cancelled = await edge.CommandAsync("zone", "roll", "example.com", "--cancel");
        Assert.Equal(0, cancelled.ExitCode);
        Assert.Equal(key, (await edge.DigAsync("+short", "example.com", "DNSKEY")).Split(' ', 4));
    }

    [Theory]
    [InlineData("sign: yes", "sign")]
    [InlineData("sign: {algorithm: rsa}", "ecdsa-p256, ed25519")]
    [InlineData("sign: {denial: nsec3}", "compact, nsec")]
    public async Task A_mistake_in_how_to_sign_is_told_with_its_line(string setting, string said)
    {
        await using var edge = EdgeProcess.InExampleFolder();
        edge.WriteSettings(text => text + $"\n# end\n");
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "edge.yaml"), $"dns:\n  zones:\n    example.com:\n      {setting}\n");
        var check = await edge.CommandAsync("check");
        Assert.Equal(1, check.ExitCode);
        Assert.Contains("edge.yaml:4", check.Output, StringComparison.Ordinal);
        Assert.Contains(said, check.Output, StringComparison.Ordinal);
    }

    private static Task<string> DelvAsync(EdgeProcess edge, string anchors, string from, string name, string type) =>
        Shell.OutputAsync("delv", "@127.0.0.1", "-p", $"{edge.Dns}", "-b", from, "-a", anchors, "+root=example.com", name, type);
}
