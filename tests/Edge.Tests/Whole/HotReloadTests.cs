using System.Net;
using System.Text.RegularExpressions;
using Edge.Tests.Docker;

namespace Edge.Tests.Whole;

/// <summary>Files are edited while Edge serves: the change comes, nothing is dropped, and mistakes change nothing.</summary>
public sealed class HotReloadTests
{
    [Fact]
    public async Task A_zone_file_edited_under_load_is_served_and_no_query_is_lost()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        var file = Path.Combine(edge.Folder, "zones", "lan", "example.com.zone");
        var original = await File.ReadAllTextAsync(file);
        await using var load = QueryLoad.Start(edge.Dns, "nas.example.com");
        for (var last = 11; last < 21; last++)
        {
            await File.WriteAllTextAsync(file, original.Replace("192.168.1.10", $"192.168.1.{last}", StringComparison.Ordinal));
            await Eventually.TrueAsync(() => Task.FromResult(load.LastAddress == $"192.168.1.{last}"), () => $"{load.LastAddress}, not .{last}\n{edge.Output}", patience: TimeSpan.FromSeconds(10));
        }

        var (answered, lost) = await load.EndAsync();
        Assert.Equal(0, lost);
        Assert.True(answered > 100, $"only {answered} answers: there was no load");
    }

    [Fact]
    public async Task A_zone_file_with_errors_changes_nothing_and_all_its_errors_are_told()
    {
        Shell.Need("dig", "bind9-dnsutils");
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        var file = Path.Combine(edge.Folder, "zones", "lan", "example.com.zone");
        var lines = (await File.ReadAllTextAsync(file)).TrimEnd().Split('\n').Length;
        await File.AppendAllTextAsync(file, "\nbad1 A 1.2.3\nnas A 10.9.9.9\nbad2 MX mail\nbad3 TYPO x\n");
        await Eventually.TrueAsync(() => Task.FromResult(edge.Output.Contains($"zones/lan/example.com.zone:{lines + 4}", StringComparison.Ordinal) || edge.Output.Contains($"zones/lan/example.com.zone:{lines + 5}", StringComparison.Ordinal)), () => edge.Output);
        Assert.Matches(@"zones/lan/example\.com\.zone:\d+: .*1\.2\.3", edge.Output);
        Assert.Equal("192.168.1.10", await edge.DigAsync("nas.example.com", "A", "+short"));
    }

    [Fact]
    public async Task A_route_file_with_one_bad_service_serves_its_good_ones_and_what_served_before()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        var file = Path.Combine(edge.Folder, "proxy-routes", "mine.yaml");
        await using var backend = await Backend.StartAsync("hello from behind");
        await File.WriteAllTextAsync(file, $"services:\n  one:\n    to: {backend.Url}\n");
        await edge.StartAsync();
        using var browser = edge.Browser();
        Assert.Equal("hello from behind", await browser.GetStringAsync("https://one.nas.example.com/"));
        await File.WriteAllTextAsync(file, $"services:\n  one:\n    to: not-a-url\n  two:\n    to: {backend.Url}\n");
        await Eventually.TrueAsync(async () => (await browser.GetAsync("https://two.nas.example.com/")).StatusCode == HttpStatusCode.OK, () => edge.Output);
        Assert.Equal("hello from behind", await browser.GetStringAsync("https://one.nas.example.com/"));
        Assert.Contains("proxy-routes/mine.yaml:3: services.one.to", edge.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_route_changed_under_load_drops_no_request()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        await using var first = await Backend.StartAsync("first");
        await using var second = await Backend.StartAsync("second");
        var file = Path.Combine(edge.Folder, "proxy-routes", "mine.yaml");
        await File.WriteAllTextAsync(file, $"services:\n  one:\n    to: {first.Url}\n");
        await edge.StartAsync();
        using var browser = edge.Browser();
        await using var load = RequestLoad.Start(browser, "https://one.nas.example.com/");
        for (var turn = 0; turn < 6; turn++)
        {
            var (backend, text) = turn % 2 == 0 ? (second, "second") : (first, "first");
            await File.WriteAllTextAsync(file, $"services:\n  one:\n    to: {backend.Url}\n");
            await Eventually.TrueAsync(() => Task.FromResult(load.LastBody == text), () => $"{load.LastBody}, not {text}\n{edge.Output}", patience: TimeSpan.FromSeconds(10));
        }

        var (answered, failed) = await load.EndAsync();
        Assert.True(failed.Count == 0, string.Join("; ", failed.Take(3)) + "\n" + edge.Output);
        Assert.True(answered > 50, $"only {answered} answers: there was no load");
    }

    [Fact]
    public async Task A_file_that_the_settings_name_is_followed_and_a_bad_one_changes_nothing()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        var hints = Path.Combine(edge.Folder, "hints");
        await File.WriteAllTextAsync(hints, ". NS a.root.test.\na.root.test. A 192.0.2.1\n");
        edge.WriteSettings(text => Regex.Replace(text, "^dns:$", "dns:\n  root-hints: hints", RegexOptions.Multiline));
        await edge.StartAsync();
        await File.WriteAllTextAsync(hints, ". NS a.root.test.\na.root.test. A 192.0.2.256\n");
        await Told("has mistakes; nothing was changed");
        Assert.Contains("hints:2: expected", edge.Output, StringComparison.Ordinal);
        edge.Forget();
        File.Delete(hints);
        await Told("hints cannot be read: it is not there");
        edge.Forget();
        // As an editor does it: another file takes the place.
        await File.WriteAllTextAsync(hints + ".new", ". NS a.root.test.\na.root.test. A 192.0.2.25\n");
        File.Move(hints + ".new", hints);
        await Told("was read anew");
        // A file that the settings name only now is followed as well, whatever became of it at first.
        edge.WriteSettings(text => Regex.Replace(text, "^dns:$", "dns:\n  trust-anchors: anchors", RegexOptions.Multiline));
        await Told("anchors cannot be read: it is not there");
        edge.Forget();
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "anchors"), "corp.example. DS 12345 13 2 0123456789012345678901234567890123456789012345678901234567890123\n");
        await Told("was read anew");

        Task Told(string text) => Eventually.TrueAsync(() => Task.FromResult(edge.Output.Contains(text, StringComparison.Ordinal)), () => $"not told: {text}\n{edge.Output}");
    }

    [Fact]
    public async Task An_engine_of_containers_is_followed_and_left_as_the_settings_say()
    {
        await using var engine = await new FakeEngine().StartAsync();
        engine.Set("one", "edge.host=mail.example.org", name: "web");
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        Assert.Equal(0, engine.Streams);
        edge.WriteSettings(text => text + $"\ndocker:\n  socket: {engine.Socket}\n");
        await ToldAsync("labels may not claim the host mail.example.org (docker: hosts of edge.yaml lets them have *.nas.example.com)");
        edge.WriteSettings(text => text + $"\ndocker:\n  socket: {engine.Socket}\n  hosts: [shop.example.org]\n");
        await ToldAsync("labels may not claim the host mail.example.org (docker: hosts of edge.yaml lets them have shop.example.org)");
        Assert.Equal(1, engine.Streams);
        edge.WriteSettings(text => text);
        await Eventually.TrueAsync(() => Task.FromResult(engine.Streams == 0), () => edge.Output);
        Assert.DoesNotContain("mail.example.org", (await edge.CommandAsync("services")).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("needs a restart", edge.Output, StringComparison.Ordinal);

        Task ToldAsync(string what) => Eventually.TrueAsync(async () => (await edge.CommandAsync("services")).Output.Contains(what, StringComparison.Ordinal), () => edge.Output);
    }

    [Fact]
    public async Task Settings_that_can_change_do_and_those_that_cannot_say_so()
    {
        Shell.Need("dig", "bind9-dnsutils");
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        edge.WriteSettings(text => text.Replace("clients: [127.0.0.1]", "clients: [127.0.0.3]", StringComparison.Ordinal));
        await Eventually.TrueAsync(async () => await edge.DigAsync("nas.example.com", "A", "+short") == "203.0.113.10", () => edge.Output);
        edge.WriteSettings(text => text.Replace("data: data", "data: elsewhere", StringComparison.Ordinal));
        await Eventually.TrueAsync(() => Task.FromResult(edge.Output.Contains("needs a restart", StringComparison.Ordinal)), () => edge.Output);
        Assert.Equal("192.168.1.10", await edge.DigAsync("nas.example.com", "A", "+short"));
        edge.WriteSettings(text => text + "\nnonsense: 1\n");
        await Eventually.TrueAsync(() => Task.FromResult(edge.Output.Contains("nonsense: is not a known key", StringComparison.Ordinal)), () => edge.Output);
        Assert.Equal("192.168.1.10", await edge.DigAsync("nas.example.com", "A", "+short"));
    }
}
