using System.Runtime.CompilerServices;
using Edge.Stores;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Tests.Stores;

/// <summary>
/// The test program started once more as a process that may be killed, or that has a file system of its own. The
/// environment says which part it plays; everything runs on the first thread, before the test runner starts.
/// </summary>
internal static class StoreChild
{
    public const string Variable = "EDGE_TESTS_STORE_CHILD";

    [ModuleInitializer]
    internal static void Play()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { } part)
        {
            return;
        }

        var (name, folder) = (part[..part.IndexOf(' ')], part[(part.IndexOf(' ') + 1)..]);
        if (StoreChildTests.Plays(name))
        {
            return;
        }

        try
        {
            switch (name)
            {
                case "loop":
                    PutForever(folder);
                    break;
                case "full":
                    FillTheDisk(folder);
                    break;
                case "open":
                    using (Hold(Open(folder)))
                    {
                        Say("opened");
                    }

                    break;
            }
        }
        catch (StoreUnavailableException wrong)
        {
            Say($"unavailable: {wrong.Message}");
        }

        Environment.Exit(0);
    }

    private static void PutForever(string folder)
    {
        var store = Open(folder);
        for (var i = 0; ; i++)
        {
            Say($"{i} {Put(store, $"key/{i}", 300).Revision}");
        }
    }

    private static void FillTheDisk(string folder)
    {
        using var held = Hold(Open(Path.Combine(folder, "data")));
        var store = held.Store;
        var lease = store.GrantLeaseAsync(TimeSpan.FromHours(1), default).AsTask().GetAwaiter().GetResult();
        Put(store, "before", 100);
        var filler = Path.Combine(folder, "filler");
        Fill(filler);

        var stored = 0;
        try
        {
            for (; stored < 10_000; stored++)
            {
                Put(store, $"more/{stored}", 4000);
            }
        }
        catch (StoreUnavailableException wrong)
        {
            Say($"out of space {wrong.OutOfSpace}: {wrong.Message}");
        }

        Say($"reads {store.ListAsync("", default).AsTask().GetAwaiter().GetResult().Entries.Length == stored + 1}");
        Say($"renews {store.RenewLeaseAsync(lease, default).AsTask().GetAwaiter().GetResult()}");
        File.Delete(filler);
        Put(store, "after", 4000);
        held.Dispose();

        using var again = Hold(Open(Path.Combine(folder, "data")));
        Say($"kept {again.Store.ListAsync("", default).AsTask().GetAwaiter().GetResult().Entries.Length == stored + 2}");
    }

    internal static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
            {
                file.Write(new byte[4096]);
            }
        }
        catch (IOException)
        {
            // The disk is full: that is the point.
        }
    }

    private static SqliteStore Open(string folder) => SqliteStore.Open(folder, TimeProvider.System, NullLogger<SqliteStore>.Instance);

    private static StoreWrite Put(SqliteStore store, string key, int length) =>
        store.PutAsync(key, new byte[length], null, null, default).AsTask().GetAwaiter().GetResult();

    private static void Say(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }

    private static Held Hold(SqliteStore store) => new(store);

    private sealed class Held(SqliteStore store) : IDisposable
    {
        public SqliteStore Store => store;

        public void Dispose() => store.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
