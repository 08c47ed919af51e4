using System.Diagnostics;
using Edge.Tests.Whole;

namespace Edge.Tests.House;

/// <summary>A house with Edge as the resolver that DHCP hands out: with internet, without, and with it back again.</summary>
public sealed class HouseTests(HouseLab lab) : IClassFixture<HouseLab>
{
    private const int LocalLimit = 5;
    private static readonly TimeSpan RecoveryLimit = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task A_client_that_knows_only_dhcp_resolves_local_public_and_blocked_names()
    {
        NeedsLab();
        await lab.StartDhcpAsync();
        await using var edge = await HouseEdge.StartAsync(lab);
        var lease = await lab.ConnectClientAsync();
        Assert.Contains("192.168.77.1", lease, StringComparison.Ordinal);
        // No server is named here: resolv.conf is what DHCP made of it.
        Assert.Equal(HouseLab.BoxAddress, await lab.Client.RunAsync("dig", "+short", "nas.example.com"));
        Assert.Equal("198.51.100.80", await lab.Client.RunAsync("dig", "+short", "www.public.example"));
        Assert.Equal("0.0.0.0", await lab.Client.RunAsync("dig", "+short", "ads.tracker.example"));
        Assert.Equal("", await lab.Client.RunAsync("dig", "+short", "rebinding.public.example"));
        Assert.Contains($"{HouseLab.BoxAddress} ", await lab.Client.RunAsync("getent", "ahostsv4", "nas.example.com"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_not_in_the_house_gets_no_recursion_not_even_from_the_cache()
    {
        NeedsLab();
        await using var edge = await HouseEdge.StartAsync(lab);
        await lab.PlaceClientAsync();
        Assert.Contains("NOERROR", await edge.AskAsync("www.public.example"), StringComparison.Ordinal);
        await lab.Internet.RunAsync("ip", "route", "replace", "192.168.77.0/24", "via", "203.0.113.2");
        var said = await lab.Internet.RunAsync("dig", $"@{HouseLab.BoxAddress}", "-b", HouseLab.ResolverAddress, "+tries=2", "+time=2", "www.public.example");
        Assert.Contains("status: REFUSED", said, StringComparison.Ordinal);
        Assert.DoesNotContain(" ra", said[said.IndexOf("flags:", StringComparison.Ordinal)..said.IndexOf("QUERY:", StringComparison.Ordinal)], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_internet_the_house_goes_on(bool silently)
    {
        NeedsLab();
        await using var edge = await HouseEdge.StartAsync(lab);
        await lab.PlaceClientAsync();
        Assert.Contains("198.51.100.81", await edge.AskAsync("short.public.example"), StringComparison.Ordinal);
        Assert.Contains("198.51.100.80", await edge.AskAsync("www.public.example"), StringComparison.Ordinal);
        await CutAsync(silently);
        try
        {
            // What is known is served on, past its time to live too; what is not fails.
            await Eventually.TrueAsync(
                async () => await edge.AskAsync("short.public.example") is var said && said.Contains("198.51.100.81", StringComparison.Ordinal) && said.Contains("EDE: 3", StringComparison.Ordinal),
                () => "nothing stale is served");
            await Eventually.TrueAsync(
                async () => (await edge.AskAsync("unknown1.public.example")).Contains("EDE: 23", StringComparison.Ordinal), () => "EDE 23 is not told");
            Assert.Matches(@"198\.51\.100\.53:53 +down ", (await edge.CommandAsync("resolver", "state")).Output);
            var unknown = await edge.AskAsync("unknown2.public.example");
            Assert.Contains("status: SERVFAIL", unknown, StringComparison.Ordinal);
            Assert.Contains("EDE: 23", unknown, StringComparison.Ordinal);
            Assert.True((await edge.TimesAsync("unknown3.public.example", 5))[2] < 100, "unknown names do not fail fast");
            Assert.Contains("198.51.100.80", await edge.AskAsync("www.public.example"), StringComparison.Ordinal);
            AssertQuick(await edge.TimesAsync("nas.example.com", 51));
            AssertQuick(await edge.TimesAsync("short.public.example", 51));
        }
        finally
        {
            await HealAsync(silently);
        }

        await RecoversAsync(edge);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_starts_without_internet(bool silently)
    {
        NeedsLab();
        await CutAsync(silently);
        try
        {
            await lab.PlaceClientAsync();
            await using var edge = await HouseEdge.StartAsync(lab);
            AssertQuick(await edge.TimesAsync("nas.example.com", 51));
            await Eventually.TrueAsync(
                async () => (await edge.AskAsync("unknown1.public.example")).Contains("EDE: 23", StringComparison.Ordinal), () => "EDE 23 is not told");
            await HealAsync(silently);
            await RecoversAsync(edge);
        }
        finally
        {
            await HealAsync(silently);
        }
    }

    private static void AssertQuick(int[] times) =>
        Assert.True(times.Length > 40 && times[times.Length / 2] < LocalLimit, $"milliseconds: {string.Join(' ', times)}");

    private Task CutAsync(bool silently) => silently ? lab.SilenceAsync(true) : lab.LinkAsync(up: false);

    private Task HealAsync(bool silently) => silently ? lab.SilenceAsync(false) : lab.LinkAsync(up: true);

    private static async Task RecoversAsync(HouseEdge edge)
    {
        var watch = Stopwatch.StartNew();
        await Eventually.TrueAsync(
            async () => (await edge.AskAsync("+time=1", "later.public.example")).Contains("198.51.100.82", StringComparison.Ordinal),
            () => "names of the internet do not come back");
        Assert.True(watch.Elapsed < RecoveryLimit, $"recovery took {watch.Elapsed}");
    }

    private void NeedsLab() => Assert.SkipWhen(lab.Missing is not null, lab.Missing ?? "");
}
