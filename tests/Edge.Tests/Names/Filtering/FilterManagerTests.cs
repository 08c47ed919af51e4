using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Edge.Dns.Filtering;
using Edge.Dns.Wire;
using Edge.Names.Filtering;
using Edge.Tests.Certificates;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Tests.Names.Filtering;

/// <summary>Lists come, change, fail and are kept; hours and pauses pass.</summary>
public sealed class FilterManagerTests : IDisposable
{
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.CreateCustomTimeZone("Berlin", TimeSpan.FromHours(1), "Berlin", "CET", "CEST",
    [
        TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(
            DateTime.MinValue.Date,
            DateTime.MaxValue.Date,
            TimeSpan.FromHours(1),
            TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 2, 0, 0), 3, 5, DayOfWeek.Sunday),
            TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 3, 0, 0), 10, 5, DayOfWeek.Sunday)),
    ]);

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 2, 12, 0, 0, TimeSpan.Zero));
    private readonly LogLines _log = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_list_is_fetched_kept_and_served_at_the_next_start_without_the_internet()
    {
        var server = await ListServer.StartAsync();
        var yaml = $"lists: {{ ads: \"{server.Url}/ads.txt\" }}";
        server.Text = "0.0.0.0 ads.example\n";
        await using (var first = Start(yaml))
        {
            await BlocksAsync(first, "ads.example", true);
        }

        await server.DisposeAsync();
        await using var second = Start(yaml);
        await BlocksAsync(second, "ads.example", true);
        Assert.Null(Assert.Single(second.Lists).Error);
    }

    [Fact]
    public async Task A_list_that_did_not_change_is_not_sent_again_and_one_that_did_is_taken()
    {
        await using var server = await ListServer.StartAsync();
        server.Text = "0.0.0.0 ads.example\n";
        await using var filter = Start($"lists: {{ ads: \"{server.Url}/ads.txt\" }}");
        await BlocksAsync(filter, "ads.example", true);
        _time.Advance(TimeSpan.FromDays(2));
        await EventuallyAsync(() => server.NotModified == 1, () => $"{server.Requests} requests");
        server.Text = "0.0.0.0 other.example\n";
        _time.Advance(TimeSpan.FromDays(2));
        await BlocksAsync(filter, "other.example", true);
        Assert.Equal(VerdictKind.None, Judge(filter, "ads.example"));
    }

    [Fact]
    public async Task It_is_fetched_about_once_a_day()
    {
        await using var server = await ListServer.StartAsync();
        server.Text = "0.0.0.0 ads.example\n";
        await using var filter = Start($"lists: {{ ads: \"{server.Url}/ads.txt\" }}");
        await BlocksAsync(filter, "ads.example", true);
        var due = Assert.Single(filter.Lists).Due - _time.GetUtcNow();
        Assert.InRange(due, TimeSpan.FromHours(21), TimeSpan.FromHours(27));
    }

    [Theory]
    [InlineData("page", "what came is a web page, and not a list")]
    [InlineData("empty", "what came has no rule in it")]
    [InlineData("shrunk", "it shrank from 200 rules to 2; if that is right, take it with: edge filter update ads --accept")]
    [InlineData("broken", "")]
    [InlineData("500", "the server answered 500 Internal Server Error")]
    [InlineData("404", "the server answered 404 Not Found")]
    [InlineData("gone", "")]
    public async Task What_looks_wrong_leaves_the_last_good_copy(string fault, string expected)
    {
        var server = await ListServer.StartAsync();
        var good = string.Concat(Enumerable.Range(0, 200).Select(i => $"0.0.0.0 ads{i}.example\n"));
        server.Text = good;
        await using var filter = Start($"lists: {{ ads: \"{server.Url}/ads.txt\" }}");
        await BlocksAsync(filter, "ads7.example", true);
        server.Text = fault switch
        {
            "page" => "\n <!DOCTYPE html><html><body>Log in to the hotel</body></html>",
            "empty" => "# nothing here\n",
            "shrunk" => "0.0.0.0 ads1.example\n0.0.0.0 ads2.example\n",
            "broken" => string.Concat(Enumerable.Range(0, 9000).Select(i => $"0.0.0.0 new{i}.example\n")),
            _ => good,
        };
        server.BreaksOff = fault == "broken";
        server.Status = int.TryParse(fault, out var status) ? status : 0;
        if (fault == "gone")
        {
            await server.DisposeAsync();
        }

        await filter.UpdateAsync(null, acceptShrunk: false, TestContext.Current.CancellationToken);
        var list = Assert.Single(filter.Lists);
        Assert.NotNull(list.Error);
        Assert.Contains(expected, list.Error, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"(Connection refused).*\1", list.Error);
        Assert.Equal(good, await File.ReadAllTextAsync(list.TextPath, TestContext.Current.CancellationToken));
        Assert.Equal(VerdictKind.Blocked, Judge(filter, "ads7.example"));
        Assert.Contains(_log.Lines, line => line.Contains("the last good copy serves on", StringComparison.Ordinal));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(list.TextPath)!, "ads.txt*"));

        // It is asked for again soon, and what is good then is taken.
        if (fault != "gone")
        {
            (server.Text, server.BreaksOff, server.Status) = (good + "0.0.0.0 mended.example\n", false, 0);
            _time.Advance(TimeSpan.FromSeconds(16));
            await BlocksAsync(filter, "mended.example", true);
        }
    }

    [Fact]
    public async Task What_a_server_says_is_shown_escaped()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var filter = Create($"lists: {{ ads: \"http://{listener.LocalEndpoint}/\" }}");
        var update = filter.UpdateAsync(null, acceptShrunk: false, TestContext.Current.CancellationToken);
        using var connection = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        await connection.GetStream().WriteAsync("HTTP/1.1 404 \u001B[2J\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        await update;
        Assert.DoesNotContain("\u001B", Assert.Single(filter.Lists).Error, StringComparison.Ordinal);
        Assert.Contains(@"\027[2J", filter.Lists[0].Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_a_web_page_has_no_rules_and_is_told()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "mine.txt"), "<html>\nads.example\n", TestContext.Current.CancellationToken);
        await using var filter = Start("lists: { mine: mine.txt }");
        await EventuallyAsync(() => _log.Lines.Any(line => line.StartsWith("Warning 3074 mine.txt:1: begins a web page, and not a list", StringComparison.Ordinal)), () => string.Join('\n', _log.Lines));
        Assert.Equal(0, filter.Lists[0].Summary.Rules);
    }

    [Fact]
    public async Task A_list_that_shrank_is_taken_when_somebody_says_so()
    {
        await using var server = await ListServer.StartAsync();
        server.Text = string.Concat(Enumerable.Range(0, 200).Select(i => $"0.0.0.0 ads{i}.example\n"));
        await using var filter = Start($"lists: {{ ads: \"{server.Url}/ads.txt\" }}");
        await BlocksAsync(filter, "ads7.example", true);
        server.Text = "0.0.0.0 ads1.example\n";
        await filter.UpdateAsync("ads", acceptShrunk: true, TestContext.Current.CancellationToken);
        // At once: who asked for it sees what is in force.
        Assert.Equal((VerdictKind.None, VerdictKind.Blocked), (Judge(filter, "ads7.example"), Judge(filter, "ads1.example")));
        Assert.Equal(1, Assert.Single(filter.Lists).Summary.Rules);
    }

    [Fact]
    public async Task The_rules_of_the_settings_count_before_any_list_is_there()
    {
        await using var filter = Create("lists: { ads: \"http://127.0.0.1:1/\" }\nblock: tracker.example\nanswers: { nas.example: 192.168.1.5 }");
        Assert.Equal((VerdictKind.Blocked, VerdictKind.Answered), (Judge(filter, "x.tracker.example"), Judge(filter, "nas.example")));
    }

    [Fact]
    public async Task A_file_is_followed_and_what_it_said_last_stays_when_it_goes()
    {
        var file = Path.Combine(_folder.Path, "mine.txt");
        await File.WriteAllTextAsync(file, "ads.example\nnot a line\n", TestContext.Current.CancellationToken);
        await using var filter = Start("lists: { mine: mine.txt }");
        await BlocksAsync(filter, "ads.example", true);
        await EventuallyAsync(() => _log.Lines.Any(line => line.StartsWith("Warning 3074 mine.txt:2: ", StringComparison.Ordinal)), () => string.Join('\n', _log.Lines));
        await File.WriteAllTextAsync(file, "other.example\n", TestContext.Current.CancellationToken);
        await BlocksAsync(filter, "other.example", true);
        Assert.Equal(VerdictKind.None, Judge(filter, "ads.example"));
        File.Delete(file);
        await EventuallyAsync(() => filter.Lists[0].Error is not null, () => "no word of the file");
        filter.Use(Options("lists: { mine: mine.txt }\nblock: another.example"));
        await BlocksAsync(filter, "another.example", true);
        Assert.Equal(VerdictKind.Blocked, Judge(filter, "other.example"));
    }

    [Fact]
    public async Task Settings_are_taken_over()
    {
        await using var filter = Start("block: a.example");
        await BlocksAsync(filter, "a.example", true);
        filter.Use(Options("block: b.example"));
        await BlocksAsync(filter, "b.example", true);
        Assert.Equal(VerdictKind.None, Judge(filter, "a.example"));
        filter.Use(FilterOptions.Default);
        await EventuallyAsync(() => filter.Policy.IsEmpty, () => "still there");
    }

    [Fact]
    public async Task A_pause_ends_by_itself()
    {
        await using var filter = Start("block: a.example");
        await BlocksAsync(filter, "a.example", true);
        filter.Pause(_time.GetUtcNow().AddMinutes(5));
        Assert.Equal(VerdictKind.None, Judge(filter, "a.example"));
        Assert.Equal(_time.GetUtcNow().AddMinutes(5), filter.PausedUntil);
        _time.Advance(TimeSpan.FromMinutes(5));
        await BlocksAsync(filter, "a.example", true);
        Assert.Null(filter.PausedUntil);
    }

    /// <summary>Berlin goes from 02:00 to 03:00 on 2026-03-29, and from 03:00 back to 02:00 on 2026-10-25.</summary>
    [Theory]
    [InlineData("daily 20:00-07:00", "2026-03-02T18:59:59Z", false)]
    [InlineData("daily 20:00-07:00", "2026-03-02T19:00:00Z", true)]
    [InlineData("daily 20:00-07:00", "2026-07-02T17:59:59Z", false)]
    [InlineData("daily 20:00-07:00", "2026-07-02T18:00:00Z", true)]
    [InlineData("daily 20:00-07:00", "2026-03-29T04:59:00Z", true)]
    [InlineData("daily 20:00-07:00", "2026-03-29T05:00:00Z", false)]
    [InlineData("daily 20:00-07:00", "2026-10-25T05:59:00Z", true)]
    [InlineData("daily 20:00-07:00", "2026-10-25T06:00:00Z", false)]
    [InlineData("sun 00:00-01:00", "2026-03-28T23:30:00Z", true)]
    [InlineData("sun 02:30-02:45", "2026-03-29T01:35:00Z", false)]
    [InlineData("sun 02:30-02:45", "2026-10-25T00:35:00Z", true)]
    [InlineData("sun 02:30-02:45", "2026-10-25T01:35:00Z", true)]
    public async Task Hours_are_those_of_the_clock_on_the_wall(string hours, string utc, bool blocked)
    {
        _time.SetLocalTimeZone(Berlin);
        _time.SetUtcNow(DateTimeOffset.Parse(utc, System.Globalization.CultureInfo.InvariantCulture));
        await using var filter = Create($"groups:\n  kids:\n    clients: 192.168.1.40\n    schedule: {{ \"{hours}\": all }}\n    allow: school.example");
        Assert.Equal(blocked ? VerdictKind.Blocked : VerdictKind.None, Judge(filter, "games.example", "192.168.1.40"));
        Assert.Equal(VerdictKind.Allowed, Judge(filter, "school.example", "192.168.1.40"));
        Assert.Equal(VerdictKind.None, Judge(filter, "games.example"));
    }

    [Fact]
    public async Task Hours_begin_and_end_while_it_runs()
    {
        _time.SetLocalTimeZone(TimeZoneInfo.Utc);
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "social.txt"), "social.example\n", TestContext.Current.CancellationToken);
        await using var filter = Start("lists: { social: social.txt }\ngroups:\n  everyone: { lists: [] }\n  kids: { clients: 192.168.1.40, schedule: { \"daily 20:00-21:00\": [social] } }");
        await EventuallyAsync(() => filter.Policy.Rules.NameCount == 1, () => "never read");
        Assert.Equal(VerdictKind.None, Judge(filter, "social.example", "192.168.1.40"));
        _time.Advance(TimeSpan.FromHours(8));
        await EventuallyAsync(() => Judge(filter, "social.example", "192.168.1.40") == VerdictKind.Blocked, () => "not blocked at eight");
        Assert.Equal(VerdictKind.None, Judge(filter, "social.example"));
        _time.Advance(TimeSpan.FromHours(1));
        await EventuallyAsync(() => Judge(filter, "social.example", "192.168.1.40") == VerdictKind.None, () => "blocked after nine");
    }

    [Fact]
    public async Task Names_of_servers_are_found_by_our_own_resolver()
    {
        await using var server = await ListServer.StartAsync();
        server.Text = "0.0.0.0 ads.example\n";
        await using var filter = Start($"lists: {{ ads: \"http://lists.example.org:{server.Port}/ads.txt\" }}");
        await BlocksAsync(filter, "ads.example", true);
    }

    [Fact]
    public async Task A_server_of_the_usual_kind_says_when_its_file_has_not_changed()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/python3"), "python3 is missing: apt-get install python3");
        var site = Directory.CreateDirectory(Path.Combine(_folder.Path, "site")).FullName;
        await File.WriteAllTextAsync(Path.Combine(site, "ads.txt"), "0.0.0.0 ads.example\n", TestContext.Current.CancellationToken);
        using var python = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-u", "-m", "http.server", "--bind", "127.0.0.1", "--directory", site, "0"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            var said = await python.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            var port = System.Text.RegularExpressions.Regex.Match(said!, @"port (\d+)").Groups[1].Value;
            await using var filter = Start($"lists: {{ ads: \"http://127.0.0.1:{port}/ads.txt\" }}");
            await BlocksAsync(filter, "ads.example", true);
            Assert.NotNull(filter.Lists[0].Copy!.LastModified);
            await filter.UpdateAsync(null, acceptShrunk: false, TestContext.Current.CancellationToken);
            Assert.Null(filter.Lists[0].Error);
            var requests = new List<string?> { await python.StandardError.ReadLineAsync(TestContext.Current.CancellationToken), await python.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) };
            Assert.Contains("304", requests[1], StringComparison.Ordinal);
        }
        finally
        {
            python.Kill();
        }
    }

    private FilterOptions Options(string yaml)
    {
        var (options, problems) = FilterOptionsTests.Read(yaml, _folder.Path);
        Assert.Empty(problems);
        return options;
    }

    private FilterManager Create(string yaml) => new(Options(yaml), Path.Combine(_folder.Path, "data"), ListDownload.Create(ResolveAsync, _time), _time, _log);

    private FilterManager Start(string yaml)
    {
        var filter = Create(yaml);
        filter.Start();
        return filter;
    }

    private static Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancel) =>
        Task.FromResult<IPAddress[]>(host == "lists.example.org" ? [IPAddress.Loopback] : []);

    private static VerdictKind Judge(FilterManager filter, string name, string client = "192.168.1.20") =>
        filter.Policy.Judge(Name.Parse(name).Wire, RecordType.A, IPAddress.Parse(client).MapToIPv6().GetAddressBytes()).Kind;

    private Task BlocksAsync(FilterManager filter, string name, bool expected) =>
        EventuallyAsync(() => (Judge(filter, name) == VerdictKind.Blocked) == expected, () => $"{name} is {Judge(filter, name)}\n{string.Join('\n', _log.Lines)}");

    // The clock goes on while somebody waits.
    private Task EventuallyAsync(Func<bool> condition, Func<string> otherwise) => Eventually.TrueAsync(
        () =>
        {
            if (!condition())
            {
                _time.Advance(TimeSpan.FromMilliseconds(500));
            }

            return condition();
        },
        otherwise);
}
