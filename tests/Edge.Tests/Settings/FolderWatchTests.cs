using Edge.Settings;
using Xunit;

namespace Edge.Tests.Settings;

public sealed class FolderWatchTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-folder-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_first_look_gives_every_file_that_counts_in_order()
    {
        Write("b.yaml", "b");
        Write("a.YML", "a");
        Write("notes.txt", "no");
        Write(".a.yaml.swp", "no");
        Write(".#a.yaml", "no");

        var change = Watch().Look();

        Assert.Equal([("routes/a.YML", "a"), ("routes/b.yaml", "b")], change.Files.Select(file => (file.Shown, file.Text)));
        Assert.Empty(change.Gone);
    }

    [Fact]
    public void Later_looks_give_only_what_differs()
    {
        Write("a.yaml", "one");
        Write("b.yaml", "same");
        var watch = Watch();
        watch.Look();

        Write("a.yaml", "two!");
        Write("c.yaml", "new");
        Assert.Equal(["routes/a.yaml", "routes/c.yaml"], watch.Look().Files.Select(file => file.Shown));

        File.Delete(Path.Combine(_folder.FullName, "b.yaml"));
        Assert.Equal(["routes/b.yaml"], watch.Look().Gone);
        Assert.Empty(watch.Look().Gone);
    }

    [Fact]
    public async Task A_file_that_is_emptied_to_be_written_anew_is_not_told_as_empty_but_one_that_stays_empty_is()
    {
        Write("a.yaml", "one");
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var watch = new FolderWatch(_folder.FullName, "routes", [".yaml"], time);
        watch.Look();
        var told = new List<string?>();
        using var end = new CancellationTokenSource();
        var following = watch.FollowAsync(change => told.AddRange(change.Files.Select(file => file.Text)), wrong => Assert.Fail(wrong.Message), end.Token);

        Write("a.yaml", "");
        time.Advance(TimeSpan.FromMilliseconds(200));
        time.Advance(TimeSpan.FromMilliseconds(200));
        time.Advance(TimeSpan.FromMilliseconds(200));
        Assert.Empty(told);
        Write("a.yaml", "two");
        await Whole.Eventually.TrueAsync(() => Look(1), () => string.Join(',', told));
        Write("a.yaml", "");
        await Whole.Eventually.TrueAsync(() => Look(2), () => string.Join(',', told));
        Assert.Equal(["two", ""], told);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following);

        Task<bool> Look(int count)
        {
            time.Advance(TimeSpan.FromMilliseconds(200));
            return Task.FromResult(told.Count >= count);
        }
    }

    [Fact]
    public void A_link_that_leads_nowhere_good_is_told_and_hides_no_other_file()
    {
        Write("a.yaml", "a");
        File.CreateSymbolicLink(Path.Combine(_folder.FullName, "endless.yaml"), "/dev/zero");
        File.CreateSymbolicLink(Path.Combine(_folder.FullName, "loop.yaml"), "loop.yaml");

        var change = Watch().Look();

        Assert.Null(change.Trouble);
        Assert.Equal([("routes/a.yaml", "a"), ("routes/endless.yaml", null), ("routes/loop.yaml", null)], change.Files.Select(file => (file.Shown, file.Text)));
        Assert.All(change.Files.Skip(1), file => Assert.NotNull(file.Trouble));
    }

    [Fact]
    public void A_folder_that_goes_away_takes_nothing_with_it_and_says_so()
    {
        var inner = _folder.CreateSubdirectory("routes");
        File.WriteAllText(Path.Combine(inner.FullName, "a.yaml"), "a");
        var watch = new FolderWatch(inner.FullName, "routes", [".yaml"], TimeProvider.System);
        watch.Look();
        inner.MoveTo(Path.Combine(_folder.FullName, "elsewhere"));

        var change = watch.Look();

        Assert.Empty(change.Gone);
        Assert.Contains("routes: the folder is gone", change.Trouble);

        new DirectoryInfo(Path.Combine(_folder.FullName, "elsewhere")).MoveTo(Path.Combine(_folder.FullName, "routes"));
        Assert.Null(watch.Look().Trouble);
    }

    [Fact]
    public void A_folder_that_was_never_there_is_empty() =>
        Assert.Equal((0, null), (new FolderWatch("/nonexistent/routes", "routes", [".yaml"], TimeProvider.System).Look() is var change ? change.Files.Length : -1, change.Trouble));

    [Fact]
    public void A_file_that_is_not_text_is_given_with_its_trouble()
    {
        File.WriteAllBytes(Path.Combine(_folder.FullName, "a.yaml"), [.. "a: ä\n"u8, 0xff, 0xfe, 0x00]);
        var file = Assert.Single(Watch().Look().Files);
        Assert.Equal((null, "is not UTF-8 text in line 2"), (file.Text, file.Trouble));
    }

    [Fact]
    public async Task Following_tells_of_a_change_within_a_second_by_itself()
    {
        Write("a.yaml", "one");
        var watch = Watch();
        watch.Look();
        using var ends = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var told = new TaskCompletionSource<FolderChange>();
        var following = watch.FollowAsync(told.SetResult, told.SetException, ends.Token);

        Write("a.yaml", "longer");
        var change = await told.Task.WaitAsync(ends.Token);

        Assert.Equal("longer", Assert.Single(change.Files).Text);
        await ends.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following);
    }

    private FolderWatch Watch() => new(_folder.FullName, "routes", [".yaml", ".yml"], TimeProvider.System);

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder.FullName, name), text);
}
