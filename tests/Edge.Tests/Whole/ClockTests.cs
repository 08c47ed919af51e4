using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Edge.Tests.Whole;

/// <summary>The clock of the box is set while Edge runs, as on a box that starts in 1970 and then finds a time server.</summary>
public sealed class ClockTests
{
    private static readonly string? Library = Directory.Exists("/usr/lib")
        ? Directory.EnumerateFiles("/usr/lib", "libfaketimeMT.so.1", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, MaxRecursionDepth = 3 }).FirstOrDefault()
        : null;

    [Fact]
    public async Task A_jump_ends_no_lease_renews_what_is_then_due_and_is_told_in_one_line()
    {
        Shell.Need("dig", "bind9-dnsutils");
        Assert.SkipWhen(Library is null, "libfaketime is not installed (apt-get install faketime)");
        await using var edge = EdgeProcess.InExampleFolder();
        var clock = Path.Combine(edge.Folder, "clock");
        await File.WriteAllTextAsync(clock, "+0\n");
        edge.Environment["LD_PRELOAD"] = Library;
        edge.Environment["FAKETIME_TIMESTAMP_FILE"] = clock;
        edge.Environment["FAKETIME_NO_CACHE"] = "1";
        // Only the wall clock: the monotonic one of a real box does not jump either.
        edge.Environment["FAKETIME_DONT_FAKE_MONOTONIC"] = "1";
        await edge.StartAsync();
        using var api = edge.Api();
        using var put = await api.PutAsync("/v1/services/albums", new StringContent("""{"to":"http://127.0.0.1:9","ttl":"1h"}""", Encoding.UTF8, new MediaTypeHeaderValue("application/json")));
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        var first = await EndOfCertificateAsync(api);

        // 1. A month ahead, then where the 90 days of Edge's own certificates are over, and back to today.
        foreach (var (days, told) in ((int, int)[])[(30, 1), (120, 2), (0, 3)])
        {
            await File.WriteAllTextAsync(clock, $"+{days}d\n");
            await Eventually.TrueAsync(() => Task.FromResult(Jumps(edge) == told), () => $"{days} days: {edge.Output}", () => edge.HasEnded);
            Assert.Equal("192.168.1.10", await edge.DigAsync("albums.nas.example.com", "A", "+short"));
            Assert.Contains("albums", await api.GetStringAsync("/v1/services"), StringComparison.Ordinal);
            if (days == 120)
            {
                await Eventually.TrueAsync(async () => await EndOfCertificateAsync(api) > first.AddDays(100), () => edge.Output);
            }
        }

        // 2. Back in the present, where that certificate is not valid yet, it is replaced by one that is.
        await Eventually.TrueAsync(() => IsTrustedAsync(edge), () => edge.Output);
        Assert.Equal(3, Jumps(edge));
        Assert.DoesNotContain("   at ", edge.Output, StringComparison.Ordinal);
    }

    private static int Jumps(EdgeProcess edge) => edge.Output.Split("The clock jumped from").Length - 1;

    private static async Task<DateTimeOffset> EndOfCertificateAsync(HttpClient api)
    {
        using var all = JsonDocument.Parse(await api.GetStringAsync("/v1/certificates"));
        return all.RootElement[0].GetProperty("notAfter").GetDateTimeOffset();
    }

    private static async Task<bool> IsTrustedAsync(EdgeProcess edge)
    {
        using var browser = edge.Browser();
        try
        {
            return (await browser.GetAsync("https://albums.nas.example.com/")).StatusCode == HttpStatusCode.BadGateway;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
