namespace Edge.Tests.Whole;

/// <summary>edge register, when Edge comes and goes while the command lives.</summary>
public sealed class RegisterCommandTests
{
    private const string Host = "hello.nas.example.com";
    private const string FromTheWildcard = "nas.example.com.\n192.168.1.10";

    [Fact]
    public async Task When_Edge_is_not_there_yet_the_command_runs_and_is_registered_as_soon_as_it_is()
    {
        Shell.Need("dig", "bind9-dnsutils");
        await using var edge = EdgeProcess.InExampleFolder();
        // Once, so that the token is there; then it is away.
        await edge.StartAsync();
        await edge.StopAsync();
        using var command = new RegisteredCommand(edge);
        await Eventually.TrueAsync(() => Task.FromResult(command.Output.Contains("the command runs", StringComparison.Ordinal)), () => command.Output);
        Assert.Contains("no Edge answers at", command.Output, StringComparison.Ordinal);
        await edge.StartAsync();
        await IsServedAsync(edge, command);
        await EndsAsync(edge, command);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task When_Edge_restarts_the_registration_goes_on(bool dataIsLost)
    {
        Shell.Need("dig", "bind9-dnsutils");
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        using var command = new RegisteredCommand(edge);
        await IsServedAsync(edge, command);
        await edge.KillAsync();
        if (dataIsLost)
        {
            // All but the token's file and store: the registration is not known any more, and is made again.
            await edge.StartAsync();
            using (var api = edge.Api())
            {
                (await api.DeleteAsync("/v1/services/hello")).EnsureSuccessStatusCode();
            }

            await edge.KillAsync();
        }

        await edge.StartAsync();
        await IsServedAsync(edge, command);
        Assert.False(command.HasEnded);
        await EndsAsync(edge, command);
    }

    [Fact]
    public async Task A_refusal_is_told_and_the_command_does_not_run()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        var refused = await edge.CommandAsync("register", "--name", "photos", "--to", "http://127.0.0.1:9", "--", "sh", "-c", "echo the command runs");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("proxy-routes/", refused.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("the command runs", refused.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("www.example.org", "www.example.org lies in no zone of this Edge", false)]
    [InlineData("hello.nas.example.com", "hello is served at https://hello.nas.example.com", true)]
    public async Task Served_is_said_of_names_that_lead_here(string host, string says, bool served)
    {
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        var ended = await edge.CommandAsync("register", "--name", "hello", "--to", "http://127.0.0.1:9", "--host", host, "--", "true");
        Assert.Contains(says, ended.Output, StringComparison.Ordinal);
        Assert.Equal(served, ended.Output.Contains("is served at", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("exit 7", 7)]
    [InlineData("kill -KILL $$", 137)]
    public async Task The_commands_exit_code_is_ours(string script, int expected)
    {
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        var ended = await edge.CommandAsync("register", "--name", "hello", "--to", "http://127.0.0.1:9", "--", "sh", "-c", script);
        Assert.True(ended.ExitCode == expected, $"{ended.ExitCode}: {ended.Output}");
        using var api = edge.Api();
        Assert.DoesNotContain("hello", await api.GetStringAsync("/v1/services"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_with_one_name_the_later_has_it_and_the_earlier_takes_nothing_back_or_away()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        using var earlier = new RegisteredCommand(edge);
        await Eventually.TrueAsync(() => Task.FromResult(earlier.Output.Contains("hello is served at", StringComparison.Ordinal)), () => earlier.Output);
        using var later = new RegisteredCommand(edge, "http://127.0.0.1:9007");
        await Eventually.TrueAsync(() => Task.FromResult(later.Output.Contains("hello is served at", StringComparison.Ordinal)), () => later.Output);
        Assert.Contains("hello is registered already (to http://127.0.0.1:9), and is replaced", later.Output, StringComparison.Ordinal);
        await Eventually.TrueAsync(() => Task.FromResult(earlier.Output.Contains("another has registered hello since, with the same token", StringComparison.Ordinal)), () => earlier.Output);
        using var api = edge.Api();
        Assert.Contains("http://127.0.0.1:9007", await api.GetStringAsync("/v1/services/hello"), StringComparison.Ordinal);

        // The later one goes, and the name is the earlier one's again; then that goes.
        await later.EndAsync();
        await Eventually.TrueAsync(async () => (await api.GetStringAsync("/v1/services")).Contains("http://127.0.0.1:9\"", StringComparison.Ordinal), () => earlier.Output);
        await earlier.EndAsync();
        Assert.DoesNotContain("hello", await api.GetStringAsync("/v1/services"), StringComparison.Ordinal);
    }

    private static Task IsServedAsync(EdgeProcess edge, RegisteredCommand command) =>
        Eventually.TrueAsync(async () => await edge.DigAsync(Host, "A", "+short") == "192.168.1.10", () => command.Output + edge.Output, () => command.HasEnded);

    private static async Task EndsAsync(EdgeProcess edge, RegisteredCommand command)
    {
        await command.EndAsync();
        var left = await edge.DigAsync(Host, "A", "+short");
        Assert.True(left == FromTheWildcard, $"{left}\n{command.Output}\n{edge.Output}");
    }
}
