using System.Net;

namespace Edge.Tests.Whole;

/// <summary>The commands at the edges: the wrong folder, another Edge, nobody there.</summary>
public sealed class CommandTests
{
    [Fact]
    public async Task The_local_token_is_never_shown_to_another_API()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        Directory.CreateDirectory(Path.Combine(edge.Folder, "data"));
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "data", "admin.token"), "edge_secret\n");
        using var other = new HttpListener();
        var port = EdgeProcess.FreePort();
        other.Prefixes.Add($"http://127.0.0.1:{port}/");
        other.Start();
        var asked = other.GetContextAsync();
        var command = edge.CommandAsync("services", "--url", $"http://127.0.0.1:{port}");
        var request = await asked;
        Assert.Null(request.Request.Headers["Authorization"]);
        request.Response.StatusCode = 401;
        request.Response.Close();
        Assert.Equal(1, (await command).ExitCode);
    }

    [Theory]
    [InlineData("services")]
    [InlineData("certs")]
    [InlineData("zones")]
    [InlineData("health")]
    public async Task Without_a_running_Edge_a_command_says_how_to_start_one(string command)
    {
        await using var edge = EdgeProcess.InExampleFolder();
        var result = await edge.CommandAsync(command);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"no Edge answers at http://127.0.0.1:{edge.Admin}", result.Output, StringComparison.Ordinal);
        Assert.Contains("edge run", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_settings_file_that_is_not_there_is_named()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        var result = await edge.CommandAsync("services", "--config", "nope.yaml");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("nope.yaml is not there", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_without_a_verb_are_those_of_run()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        var missing = await edge.CommandAsync("--config", "nope.yaml");
        Assert.Equal(2, missing.ExitCode);
        Assert.Contains("nope.yaml: is not there", missing.Output, StringComparison.Ordinal);
        File.Move(Path.Combine(edge.Folder, "edge.yaml"), Path.Combine(edge.Folder, "mine.yaml"));
        edge.StartOnly("--config", "mine.yaml");
        await Eventually.TrueAsync(() => Task.FromResult(edge.Output.Contains("Edge serves nas.example.com", StringComparison.Ordinal)), () => edge.Output);
        Assert.Contains("Usage:", (await edge.CommandAsync("--help")).Output, StringComparison.Ordinal);
        Assert.Matches(@"^\d+\.\d+", (await edge.CommandAsync("--version")).Output);
    }

    [Theory]
    [InlineData("--help", "Usage:")]
    [InlineData("-h", "Usage:")]
    [InlineData("--config --help", "--help: is not there")]
    [InlineData("--confg", "'--confg'")]
    [InlineData("run", "'run'")]
    public async Task Run_says_what_it_takes_and_what_it_does_not(string arguments, string said)
    {
        await using var edge = EdgeProcess.InExampleFolder();
        Assert.Contains(said, (await edge.CommandAsync(["run", .. arguments.Split(' ')])).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_command_of_the_README_finds_the_settings_of_the_folder_it_is_typed_in()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        using var run = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("dotnet", ["run", "--no-build", "--project", Path.Combine(HouseRules.Repository.Root, "src", "Edge"), "--", "check"])
        {
            WorkingDirectory = edge.Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = run.StandardError.ReadToEndAsync();
        var output = await run.StandardOutput.ReadToEndAsync();
        Assert.StartsWith("no mistakes", output + await error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_finds_no_mistakes_in_the_example()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        var result = await edge.CommandAsync("check");
        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("no mistakes", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_root_of_the_own_CA_is_printed_once_there_is_one()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        Assert.Contains("Edge makes it when it first runs", (await edge.CommandAsync("ca")).Output, StringComparison.Ordinal);
        await edge.StartAsync();
        var root = await edge.CommandAsync("ca");
        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(edge.Folder, "data", "ca", "root.crt")), root.Output.ReplaceLineEndings("\n"));
    }
}
