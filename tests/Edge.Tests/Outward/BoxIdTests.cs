using Edge.Outward;
using Edge.Stores;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Tests.Outward;

/// <summary>What tells boxes of one name apart.</summary>
public sealed class BoxIdTests
{
    [Fact]
    public async Task A_box_has_one_id_for_ever_and_so_has_a_copy_of_its_folder()
    {
        var cancel = TestContext.Current.CancellationToken;
        using var folders = new Folders();
        var (one, other, copy) = (folders.Next(), folders.Next(), folders.Next());
        var id = await IdOfAsync(one);
        Assert.Matches("^[0-9a-f]{32}$", id);
        Assert.Equal(id, await IdOfAsync(one));
        Assert.NotEqual(id, await IdOfAsync(other));
        foreach (var file in Directory.GetFiles(one))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        Assert.Equal(id, await IdOfAsync(copy));

        async Task<string> IdOfAsync(string folder)
        {
            await using var store = SqliteStore.Open(folder, TimeProvider.System, NullLogger<SqliteStore>.Instance);
            var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => BoxId.OfAsync(store, cancel)));
            return Assert.Single(all.Distinct());
        }
    }

    private sealed class Folders : IDisposable
    {
        private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("edge-box-id-");
        private int _last;

        public string Next() => _root.CreateSubdirectory($"{++_last}").FullName;

        public void Dispose() => _root.Delete(recursive: true);
    }
}
