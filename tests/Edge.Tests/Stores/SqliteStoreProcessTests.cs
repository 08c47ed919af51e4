using System.Diagnostics;
using System.Globalization;
using Edge.Stores;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Tests.Stores;

/// <summary>Promises that only another process can test: death at any moment, a disk that is full.</summary>
public sealed class SqliteStoreProcessTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-process-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(333)]
    public async Task What_was_acknowledged_survives_kill_9(int writes)
    {
        long keys = 0, revision = 0;
        using (var child = Start([], $"loop {_folder.FullName}"))
        {
            while (keys < writes && await child.StandardOutput.ReadLineAsync(Cancel) is { } line)
            {
                (keys, revision) = Acknowledged(line);
            }

            child.Kill();
            while (await child.StandardOutput.ReadLineAsync(Cancel) is { } line && line.Contains(' '))
            {
                (keys, revision) = Acknowledged(line);
            }

            await child.WaitForExitAsync(Cancel);
        }

        Assert.True(keys >= writes);
        await using var store = SqliteStore.Open(_folder.FullName, TimeProvider.System, NullLogger<SqliteStore>.Instance);
        var listing = await store.ListAsync("key/", Cancel);
        Assert.True(listing.Revision >= revision);
        Assert.Subset(listing.Entries.Select(entry => entry.Key).ToHashSet(), Enumerable.Range(0, (int)keys).Select(i => $"key/{i}").ToHashSet());
        Assert.True((await store.PutAsync("after", "1"u8.ToArray(), 0, null, Cancel)).Done);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(2000)]
    public async Task What_was_acknowledged_to_many_survives_kill_9(int writes)
    {
        var told = new Dictionary<string, long>();
        using (var child = Start([], $"group {_folder.FullName}"))
        {
            var lines = 0;
            while (await child.StandardOutput.ReadLineAsync(Cancel) is { } line)
            {
                if (line.StartsWith("told ", StringComparison.Ordinal) && ++lines == writes)
                {
                    child.Kill();
                }

                // The last line may be half a line.
                if (line.Split(' ') is ["told", var writer, var number] && long.TryParse(number, CultureInfo.InvariantCulture, out var at) && at == told.GetValueOrDefault(writer, -1) + 1)
                {
                    told[writer] = at;
                }
            }

            await child.WaitForExitAsync(Cancel);
        }

        await using var store = SqliteStore.Open(_folder.FullName, TimeProvider.System, NullLogger<SqliteStore>.Instance);
        var there = (await store.ListAsync("key/", Cancel)).Entries.Select(entry => entry.Key).ToHashSet();
        Assert.True(told.Count > 1);
        Assert.Subset(there, told.SelectMany(one => Enumerable.Range(0, (int)one.Value + 1).Select(i => $"key/{one.Key}/{i}")).ToHashSet());
    }

    [Fact]
    public async Task A_folder_in_use_by_another_process_is_refused_with_its_number()
    {
        using var holder = Start([], $"loop {_folder.FullName}");
        try
        {
            Assert.NotNull(await holder.StandardOutput.ReadLineAsync(Cancel));
            using var second = Start([], $"open {_folder.FullName}");
            Assert.Contains($"is already in use by process {holder.Id}:", await second.StandardOutput.ReadToEndAsync(Cancel));
        }
        finally
        {
            holder.Kill();
            await holder.WaitForExitAsync(CancellationToken.None);
        }
    }

    [Fact]
    public async Task A_full_disk_refuses_writes_keeps_reading_and_recovers()
    {
        var lines = await InOwnMountsAsync("mount -t tmpfs -o size=1m tmpfs \"$FOLDER\"", "full");

        Assert.Contains($"out of space True: the store {_folder.FullName}/data/edge.db cannot be written because the disk is full", lines);
        Assert.Contains("reads True\nrenews True\nkept True\n", lines);
    }

    [Fact]
    public async Task A_full_disk_refuses_groups_as_a_whole()
    {
        var lines = await InOwnMountsAsync("mount -t tmpfs -o size=1m tmpfs \"$FOLDER\"", "full-group");
        Assert.Contains("refused some True, kept all that was told True, and no more True", lines);
    }

    [Fact]
    public async Task A_disk_that_is_full_from_the_start_is_said()
    {
        var lines = await InOwnMountsAsync("mount -t tmpfs -o size=64k tmpfs \"$FOLDER\"; head -c 70000 /dev/zero > \"$FOLDER/filler\" 2>/dev/null", "open");
        Assert.StartsWith("unavailable: the ", lines);
        Assert.Contains(_folder.FullName, lines);
    }

    [Fact]
    public async Task A_read_only_file_system_is_said()
    {
        await SqliteStore.Open(_folder.FullName, TimeProvider.System, NullLogger<SqliteStore>.Instance).DisposeAsync();
        var lines = await InOwnMountsAsync("mount --bind \"$FOLDER\" \"$FOLDER\"; mount -o remount,ro,bind \"$FOLDER\"", "open");
        Assert.StartsWith("unavailable: the data folder", lines);
        Assert.Contains("Read-only file system", lines);
    }

    private static (long Keys, long Revision) Acknowledged(string line)
    {
        var words = line.Split(' ');
        return (long.Parse(words[0], CultureInfo.InvariantCulture) + 1, long.Parse(words[1], CultureInfo.InvariantCulture));
    }

    // A mount namespace of its own, so that nothing of this machine changes.
    private async Task<string> InOwnMountsAsync(string mount, string part)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            Assert.Skip("mounting a small disk needs root on Linux");
        }

        using var child = Start(["unshare", "-m", "sh", "-c", $"{mount}; exec \"$0\" \"$@\""], $"{part} {_folder.FullName}");
        var error = child.StandardError.ReadToEndAsync(Cancel);
        var lines = await child.StandardOutput.ReadToEndAsync(Cancel);
        if ((await error).Contains("unshare failed", StringComparison.Ordinal))
        {
            Assert.Skip("this machine lets nobody make a mount namespace");
        }

        return lines;
    }

    private Process Start(string[] prefix, string part)
    {
        string[] words = [.. prefix, Environment.ProcessPath!, .. StoreChildTests.Plays(part.Split(' ')[0]) ? (string[])["-class", "*." + nameof(StoreChildTests), "-explicit", "only"] : []];
        var start = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment[StoreChild.Variable] = part;
        start.Environment["FOLDER"] = _folder.FullName;
        return Process.Start(start)!;
    }
}
