using System.Text.Json;
using Edge.Dns.Queries;
using Edge.Dns.Tests.Zones;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Edge.Dns.Tests.Queries;

/// <summary>The file of the queries: its lines, its days, its size, and a disk that does not take it.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class QueryFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edge-queries-").FullName;
    private readonly RecordingLogger _logger = new();

    private string Path => System.IO.Path.Combine(_folder, "logs", "queries.log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Each_query_is_a_line_of_JSON_that_only_the_owner_reads()
    {
        var server = Server(new QueryLogOptions { File = Path });
        server.Log.Start();
        server.Ask("web.example.com.");
        server.Ask("line\\010break\\000.example.com.");
        await server.Log.DisposeAsync();
        var lines = await File.ReadAllLinesAsync(Path, TestContext.Current.CancellationToken);
        Assert.Equal(["web.example.com", "line\\010break\\000.example.com"], lines.Select(line => JsonSerializer.Deserialize(line, QueryJson.Default.RecordedQuery)!.Name));
        Assert.StartsWith("{\"time\":\"2026-11-26T12:00:00+00:00\",\"client\":\"192.168.1.20\",\"view\":\"lan\",\"transport\":\"udp\"", lines[0], StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
        Assert.Empty(_logger.Entries);
    }

    [Fact]
    public void A_day_that_is_over_is_put_aside_and_what_was_kept_long_enough_is_deleted()
    {
        var server = Server(new QueryLogOptions());
        var options = new QueryLogOptions { File = Path, KeepFiles = TimeSpan.FromDays(2) };
        using var folder = new QueryFileFolder(options, server.Time);
        var foreign = System.IO.Path.Combine(_folder, "logs", "queries-old-2020-01-01.log");
        File.WriteAllText(foreign, "mine");
        for (var day = 0; day < 5; day++)
        {
            folder.Append("x\n"u8);
            folder.Append("y\n"u8);
            server.Time.Advance(TimeSpan.FromDays(1));
        }

        folder.Append("z\n"u8);
        Assert.Equal(["queries-2026-11-29.log", "queries-2026-11-30.log", "queries-old-2020-01-01.log", "queries.log"], Files());
        Assert.Equal("z\n", File.ReadAllText(Path));
        Assert.Equal("x\ny\n", File.ReadAllText(System.IO.Path.Combine(_folder, "logs", "queries-2026-11-30.log")));
    }

    [Fact]
    public void A_file_that_is_too_long_is_put_aside_before_its_day_is_over()
    {
        using var folder = new QueryFileFolder(new QueryLogOptions { File = Path, LargestFile = 10 }, Server(new QueryLogOptions()).Time);
        for (var i = 0; i < 4; i++)
        {
            folder.Append("12345678\n"u8);
        }

        Assert.Equal(["queries-2026-11-26-2.log", "queries-2026-11-26-3.log", "queries-2026-11-26.log", "queries.log"], Files());
    }

    [Fact]
    public void What_was_written_before_a_restart_is_continued()
    {
        var time = Server(new QueryLogOptions()).Time;
        var options = new QueryLogOptions { File = Path };
        using (var before = new QueryFileFolder(options, time))
        {
            before.Append("x\n"u8);
        }

        File.SetLastWriteTimeUtc(Path, time.GetUtcNow().UtcDateTime);
        using (var same = new QueryFileFolder(options, time))
        {
            same.Append("y\n"u8);
        }

        Assert.Equal("x\ny\n", File.ReadAllText(Path));
        File.SetLastWriteTimeUtc(Path, time.GetUtcNow().UtcDateTime);
        time.Advance(TimeSpan.FromDays(1));
        using var after = new QueryFileFolder(options, time);
        after.Append("z\n"u8);
        Assert.Equal(["queries-2026-11-26.log", "queries.log"], Files());
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_costs_its_lines_and_one_warning_until_it_can()
    {
        Directory.CreateDirectory(Path);
        var server = Server(new QueryLogOptions { File = Path });
        server.Log.Start();
        for (var i = 0; i < 5; i++)
        {
            server.Ask("web.example.com.");
            server.Time.Advance(TimeSpan.FromSeconds(20));
            server.Log.Drain();
        }

        await Until(() => _logger.Entries.Count(entry => entry.Level == LogLevel.Warning) == 1);
        Directory.Delete(Path);
        await Until(() =>
        {
            server.Ask("ns.example.com.");
            server.Time.Advance(TimeSpan.FromSeconds(20));
            server.Log.Drain();
            return File.Exists(Path);
        });
        await server.Log.DisposeAsync();
        Assert.Single(_logger.Entries, entry => entry.Level == LogLevel.Warning);
        Assert.Single(_logger.Entries, entry => entry.Level == LogLevel.Information && entry.Text.Contains("again", StringComparison.Ordinal));
        Assert.All(File.ReadAllLines(Path), line => Assert.Equal("ns.example.com", JsonSerializer.Deserialize(line, QueryJson.Default.RecordedQuery)!.Name));
    }

    [Fact]
    public async Task Another_file_and_none_are_taken_over_at_once()
    {
        var server = Server(new QueryLogOptions { File = Path });
        server.Log.Start();
        server.Ask("web.example.com.");
        server.Log.Drain();
        await Until(() => File.Exists(Path) && new FileInfo(Path).Length > 0);
        var other = System.IO.Path.Combine(_folder, "other.log");
        server.Log.Use(new QueryLogOptions { File = other });
        server.Ask("ns.example.com.");
        server.Log.Drain();
        await Until(() => File.Exists(other) && new FileInfo(other).Length > 0);
        server.Log.Use(new QueryLogOptions());
        server.Ask("gone.example.com.");
        await server.Log.DisposeAsync();
        Assert.Contains("web.example.com", Assert.Single(File.ReadAllLines(Path)), StringComparison.Ordinal);
        Assert.Contains("ns.example.com", Assert.Single(File.ReadAllLines(other)), StringComparison.Ordinal);
    }

    private RecordedServer Server(QueryLogOptions options) => new(options, logger: _logger);

    private IEnumerable<string> Files() => Directory.EnumerateFiles(System.IO.Path.Combine(_folder, "logs")).Select(path => System.IO.Path.GetFileName(path)!).Order(StringComparer.Ordinal);

    private static async Task Until(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            await Task.Delay(10, patience.Token);
        }
    }
}
