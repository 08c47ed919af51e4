using System.Text;
using System.Text.Json;
using Edge.Observability;
using Edge.Observability.Requests;
using Edge.Tests.Certificates;
using Microsoft.Extensions.Time.Testing;
using Eventually = Edge.Tests.Whole.Eventually;

namespace Edge.Tests.Observability;

/// <summary>The log as a file: what is moved, removed, emptied, large or full.</summary>
public sealed class AccessLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly RecordPool _pool = new();
    private readonly LogLines _said = new();

    private string Path => System.IO.Path.Combine(_folder.Path, "logs", "access.log");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_request_has_a_line_at_the_end_in_the_order_of_ending()
    {
        await using (var log = Open(new AccessLogOptions { File = Path }))
        {
            Add(log, 5000);
        }

        Assert.Equal(Enumerable.Range(0, 5000).Select(number => $"\"id\":\"{number}\""), Lines(Path).Select(line => line.Split(',').Single(part => part.StartsWith("\"id\"", StringComparison.Ordinal)).TrimEnd('}')));
        Assert.Equal("0640", Convert.ToString((int)File.GetUnixFileMode(Path), 8).PadLeft(4, '0'));
    }

    [Theory]
    [InlineData("moved", 1)]
    [InlineData("removed", 1)]
    [InlineData("emptied", 1)]
    [InlineData("left", 2)]
    public async Task A_file_that_somebody_else(string did, int linesThen)
    {
        await using var log = Open(new AccessLogOptions { File = Path });
        Add(log, 1);
        await Eventually.TrueAsync(() => Task.FromResult(log.Written == 1), () => "the first line was not written");
        switch (did)
        {
            case "moved":
                File.Move(Path, Path + ".old");
                break;
            case "removed":
                File.Delete(Path);
                break;
            case "emptied":
                File.WriteAllText(Path, "");
                break;
        }

        Add(log, 1);
        await Eventually.TrueAsync(() => Task.FromResult(log.Written == 2), () => "the second line was not written");
        Assert.Equal(linesThen, Lines(Path).Length);
        Assert.DoesNotContain('\0', File.ReadAllText(Path));
    }

    [Fact]
    public async Task A_large_file_is_put_aside_and_the_oldest_goes()
    {
        await using (var log = Open(new AccessLogOptions { File = Path, LargestFile = 64 * 1024, Keep = 2 }))
        {
            for (var round = 1; round <= 8; round++)
            {
                Add(log, 1000);
                var wanted = round * 1000;
                await Eventually.TrueAsync(() => Task.FromResult(log.Written == wanted), () => "not written");
            }
        }

        var files = Directory.GetFiles(System.IO.Path.GetDirectoryName(Path)!).Select(file => System.IO.Path.GetFileName(file)).Order();
        Assert.Equal(["access.log.1", "access.log.2"], files.Where(name => name != "access.log"));
        Assert.True(File.Exists(Path + ".2"));
        // Whole lines only, wherever a file ends.
        Assert.All(Lines(Path + ".1").Concat(Lines(Path + ".2")), line => Assert.EndsWith("}", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_large_file_that_cannot_be_put_aside_goes_on_and_is_when_it_can()
    {
        var time = new FakeTimeProvider();
        Directory.CreateDirectory(Path + ".1");
        File.WriteAllText(Path + ".2", "older\n");
        await using var log = Open(new AccessLogOptions { File = Path, LargestFile = 64 * 1024, Keep = 3 }, time);
        for (var round = 1; round <= 3; round++)
        {
            Add(log, 1000);
            await Eventually.TrueAsync(() => Task.FromResult(log.Written + log.Dropped == round * 1000), () => "not written");
            time.Advance(TimeSpan.FromSeconds(11));
        }

        Assert.Equal((3000, 0), (log.Written, log.Dropped));
        Assert.Equal(3000, Lines(Path).Length);
        Assert.StartsWith($"Warning 5304 {Path} is large and cannot be put aside: ", Assert.Single(_said.Lines), StringComparison.Ordinal);
        Assert.Equal("older\n", File.ReadAllText(Path + ".2"));

        Directory.Delete(Path + ".1");
        Add(log, 1);
        await Eventually.TrueAsync(() => Task.FromResult(File.Exists(Path + ".1")), () => "not put aside");
        Assert.Equal(3001, Lines(Path + ".1").Length);
        Assert.Equal("older\n", File.ReadAllText(Path + ".2"));
    }

    [Fact]
    public async Task What_a_full_disk_has_left_of_a_line_costs_no_other_one()
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        File.WriteAllText(Path, "{\"time\":\"2026-");
        await using (var log = Open(new AccessLogOptions { File = Path }))
        {
            Add(log, 2);
        }

        Assert.Collection(
            Lines(Path),
            torn => Assert.Equal("{\"time\":\"2026-", torn),
            first => Assert.Equal("0", JsonDocument.Parse(first).RootElement.GetProperty("id").GetString()),
            second => Assert.Equal("1", JsonDocument.Parse(second).RootElement.GetProperty("id").GetString()));
    }

    // While requests of a process that another one has taken over from come to their end, both write.
    [Fact]
    public void Two_processes_write_to_one_file_and_neither_over_what_the_other_wrote()
    {
        var each = 5000;
        Parallel.For(0, 4, process =>
        {
            using var file = new AccessLogFile(Path, 1 << 30, 1);
            for (var number = 0; number < each; number++)
            {
                file.Append(Encoding.ASCII.GetBytes($"{process} {number}\n"));
            }
        });
        Assert.Equal(
            Enumerable.Range(0, 4).SelectMany(process => Enumerable.Range(0, each).Select(number => $"{process} {number}")).Order(StringComparer.Ordinal),
            Lines(Path).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("/dev/full", "No space left on device")]
    [InlineData("PIPE", "is no ordinary file")]
    [InlineData("FOLDER", "")]
    public async Task What_cannot_be_written_is_said_once_and_counted(string place, string reason)
    {
        var path = place.StartsWith('/') ? place : System.IO.Path.Combine(_folder.Path, place);
        if (place == "PIPE")
        {
            await Edge.Tests.Whole.Shell.OutputAsync("mkfifo", path);
        }
        else if (place == "FOLDER")
        {
            Directory.CreateDirectory(path);
        }

        await using var log = Open(new AccessLogOptions { File = path });
        Add(log, 10);
        await Eventually.TrueAsync(() => Task.FromResult(log.Dropped == 10), () => $"dropped {log.Dropped}");
        Add(log, 10);
        await Eventually.TrueAsync(() => Task.FromResult(log.Dropped == 20), () => $"dropped {log.Dropped}");
        var line = Assert.Single(_said.Lines);
        Assert.StartsWith($"Warning 5300 Requests cannot be logged to {path}: ", line, StringComparison.Ordinal);
        Assert.Contains(reason, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_that_come_faster_than_lines_are_counted_and_said()
    {
        var log = new AccessLog(new AccessLogOptions { File = Path }, _pool, Stream.Null, TimeProvider.System, _said, waiting: 16);
        Add(log, 100);
        Assert.Equal(84, log.Dropped);
        log.Start();
        await Eventually.TrueAsync(() => Task.FromResult(_said.Lines.Count == 1), () => "nothing was said");
        Assert.StartsWith("Warning 5302 84 requests have no line in ", _said.Lines[0], StringComparison.Ordinal);
        await log.DisposeAsync();
        Assert.Equal(16, Lines(Path).Length);
    }

    [Fact]
    public async Task Another_format_counts_from_the_next_line_on()
    {
        await using var log = Open(new AccessLogOptions { File = Path });
        Add(log, 1);
        await Eventually.TrueAsync(() => Task.FromResult(log.Written == 1), () => "not written");
        log.Use(new AccessLogOptions { File = Path, Format = AccessLogFormat.Combined });
        Add(log, 1);
        await Eventually.TrueAsync(() => Task.FromResult(log.Written == 2), () => "not written");
        Assert.Collection(Lines(Path), line => Assert.StartsWith("{", line, StringComparison.Ordinal), line => Assert.StartsWith("- - - [", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Standard_output()
    {
        var output = new MemoryStream();
        await using (var log = new AccessLog(new AccessLogOptions(), _pool, output, TimeProvider.System, _said))
        {
            log.Start();
            Add(log, 3);
        }

        Assert.Equal(3, output.ToArray().Count(b => b == '\n'));
    }

    [Fact]
    public void A_ring_loses_nothing_between_many_threads()
    {
        var ring = new RecordRing(64);
        var (added, taken) = (0, 0);
        var reader = new Thread(() =>
        {
            while (taken < 40_000)
            {
                taken += ring.Take() is null ? 0 : 1;
            }
        });
        reader.Start();
        Parallel.For(0, 4, _ =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                while (!ring.TryAdd(new RequestRecord(), out var _))
                {
                    Thread.Yield();
                }

                Interlocked.Increment(ref added);
            }
        });
        reader.Join();
        Assert.Equal(40_000, added);
        Assert.Equal(40_000, taken);
        Assert.Null(ring.Take());
    }

    private AccessLog Open(AccessLogOptions options, TimeProvider? time = null)
    {
        var log = new AccessLog(options, _pool, Stream.Null, time ?? TimeProvider.System, _said);
        log.Start();
        return log;
    }

    private void Add(AccessLog log, int count)
    {
        for (var number = 0; number < count; number++)
        {
            var record = _pool.Get();
            record.Begin(DateTimeOffset.UnixEpoch);
            (record.Id, record.Status) = (number.ToString(System.Globalization.CultureInfo.InvariantCulture), 200);
            log.Add(record);
        }
    }

    private static string[] Lines(string path) => File.ReadAllText(path).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
