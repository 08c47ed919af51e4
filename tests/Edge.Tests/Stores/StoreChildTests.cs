using Edge.Stores;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Tests.Stores;

/// <summary>The parts of <see cref="StoreChild"/> that need several threads, which wait until the runner has started.</summary>
public sealed class StoreChildTests
{
    private readonly Lock _lines = new();

    internal static bool Plays(string part) => part is "group" or "full-group";

    [Fact(Explicit = true)]
    public Task Play() => Environment.GetEnvironmentVariable(StoreChild.Variable)?.Split(' ', 2) switch
    {
        ["group", var folder] => PutTogetherAsync(folder),
        ["full-group", var folder] => FillTheDiskTogetherAsync(folder),
        _ => Task.CompletedTask,
    };

    // Each line is an acknowledgement: the writer, and the number of its key.
    private async Task PutTogetherAsync(string folder)
    {
        await using var store = Open(folder);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; ; i++)
            {
                await store.PutAsync($"key/{writer}/{i}", new byte[300], 0, null, default);
                Say($"told {writer} {i}");
            }
        })));
    }

    private async Task FillTheDiskTogetherAsync(string folder)
    {
        var (stored, refused) = (new HashSet<string>(), new HashSet<string>());
        var filler = Path.Combine(folder, "filler");
        await using (var store = Open(Path.Combine(folder, "data")))
        {
            await store.PutAsync("before", new byte[100], 0, null, default);
            StoreChild.Fill(filler);
            await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
            {
                for (var i = 0; i < 200; i++)
                {
                    var key = $"more/{writer}/{i}";
                    var isStored = await IsStoredAsync(store, key);
                    lock (_lines)
                    {
                        _ = (isStored ? stored : refused).Add(key);
                    }
                }
            })));
        }

        File.Delete(filler);
        await using var again = Open(Path.Combine(folder, "data"));
        var there = (await again.ListAsync("more/", default)).Entries.Select(entry => entry.Key).ToHashSet();
        Say($"refused some {refused.Count > 0}, kept all that was told {stored.IsSubsetOf(there)}, and no more {there.SetEquals(stored)}");
    }

    private static async Task<bool> IsStoredAsync(SqliteStore store, string key)
    {
        try
        {
            return (await store.PutAsync(key, new byte[4000], 0, null, default)).Done;
        }
        catch (StoreUnavailableException)
        {
            return false;
        }
    }

    private static SqliteStore Open(string folder) => SqliteStore.Open(folder, TimeProvider.System, NullLogger<SqliteStore>.Instance);

    private void Say(string line)
    {
        lock (_lines)
        {
            Console.Out.WriteLine(line);
            Console.Out.Flush();
        }
    }
}
