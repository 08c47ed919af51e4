namespace Edge.Tests.Whole;

/// <summary><c>edge zone format</c>: prints the tidy form, or puts it into the file in one step.</summary>
public sealed class ZoneFormatCommandTests
{
    private const string Untidy = "$ttl 1h\n\n\n@ soa ns1 hostmaster 1 1h 15m 2w 5m ; the start\n@ NS ns1\nns1 IN 60 a 192.0.2.1\n";
    private const string Tidy = "$TTL 1h\n\n@             SOA     ns1 hostmaster 1 1h 15m 2w 5m  ; the start\n@             NS      ns1\nns1     60 IN A       192.0.2.1\n";

    [Fact]
    public async Task It_prints_the_tidy_form_and_leaves_the_file_alone()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        var file = Path.Combine(edge.Folder, "zones", "untidy.test.zone");
        await File.WriteAllTextAsync(file, Untidy);
        var result = await edge.CommandAsync("zone", "format", "zones/untidy.test.zone");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(Tidy, result.Output.ReplaceLineEndings("\n"));
        Assert.Equal(Untidy, await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task It_writes_the_file_keeps_its_mode_and_leaves_nothing_beside_it()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        var folder = Path.Combine(edge.Folder, "zones", "lan");
        var file = Path.Combine(folder, "untidy.test.zone");
        await File.WriteAllTextAsync(file, Untidy);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite);
        File.CreateSymbolicLink(Path.Combine(edge.Folder, "link.zone"), file);
        var entries = Directory.GetFileSystemEntries(folder).Order();
        var result = await edge.CommandAsync("zone", "format", "--write", "link.zone");
        Assert.Equal((0, "link.zone is tidy now"), (result.ExitCode, result.Output.Trim()));
        Assert.Equal(Tidy, await File.ReadAllTextAsync(file));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite, File.GetUnixFileMode(file));
        Assert.Equal(entries, Directory.GetFileSystemEntries(folder).Order());
        Assert.NotNull(new FileInfo(Path.Combine(edge.Folder, "link.zone")).LinkTarget);
        Assert.Equal((0, ""), ((await edge.CommandAsync("zone", "format", "-w", file)).ExitCode, (await edge.CommandAsync("zone", "format", "-w", file)).Output));
    }

    [Fact]
    public async Task A_file_with_mistakes_is_not_touched()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        var file = Path.Combine(edge.Folder, "bad.zone");
        await File.WriteAllTextAsync(file, "a  A 1.2.3\nb  A 1.2.3.4\n");
        var result = await edge.CommandAsync("zone", "format", "--write", "bad.zone");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("bad.zone:1: ", result.Output, StringComparison.Ordinal);
        Assert.Equal("a  A 1.2.3\nb  A 1.2.3.4\n", await File.ReadAllTextAsync(file));
        Assert.Equal(1, (await edge.CommandAsync("zone", "format", "nope.zone")).ExitCode);
    }
}
