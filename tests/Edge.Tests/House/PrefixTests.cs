using Edge.Tests.Whole;

namespace Edge.Tests.House;

/// <summary>The provider gives the house another IPv6 prefix: every name with an end of its own follows within seconds.</summary>
public sealed class PrefixTests(HouseLab lab) : IClassFixture<HouseLab>
{
    [Fact]
    public async Task Names_follow_the_prefix_of_the_house()
    {
        Assert.SkipWhen(lab.Missing is not null, lab.Missing ?? "");
        await lab.PlaceClientAsync();
        await lab.Box.RunAsync("ip", "addr", "replace", "2001:db8:1:2::2/64", "dev", "eth0", "nodad");
        await using var edge = await HouseEdge.StartAsync(lab, static usual => usual
            .Replace($"addresses: [{HouseLab.BoxAddress}]", $"addresses: [{HouseLab.BoxAddress}, \"::2\"]", StringComparison.Ordinal) + "hosts: {cam: \"::1234\", printer: {suffix: \"::a:b:c:d\"}}\n", "services:\n  web:\n    host: web.example.com\n    to: http://127.0.0.1:9000\n");
        await SeesAsync(edge, "2001:db8:1:2");

        // The old one is withdrawn while the new one comes: both are on the interface for a while.
        await lab.Box.RunAsync("ip", "addr", "replace", "2001:db8:9:9::2/64", "dev", "eth0", "nodad");
        await lab.Box.RunAsync("ip", "addr", "change", "2001:db8:1:2::2/64", "dev", "eth0", "preferred_lft", "0");
        await SeesAsync(edge, "2001:db8:9:9");
        await lab.Box.RunAsync("ip", "addr", "del", "2001:db8:1:2::2/64", "dev", "eth0");
        await SeesAsync(edge, "2001:db8:9:9");
        Assert.Contains("edge.yaml: hosts.cam under 2001:db8:9:9::/64", (await edge.CommandAsync("explain", "cam.example.com")).Output, StringComparison.Ordinal);
        await lab.Box.RunAsync("ip", "addr", "del", "2001:db8:9:9::2/64", "dev", "eth0");
    }

    private static Task SeesAsync(HouseEdge edge, string prefix) => Eventually.TrueAsync(
        async () => (await edge.AskAsync("+short", "cam.example.com", "AAAA", "printer.example.com", "AAAA", "web.example.com", "AAAA")).Trim() == $"{prefix}::1234\n{prefix}:a:b:c:d\n{prefix}::2",
        () => edge.Output, patience: TimeSpan.FromSeconds(15));
}
