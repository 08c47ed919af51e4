using System.Diagnostics;
using System.Net;
using System.Text;
using Edge.Access;

namespace Edge.Tests.Whole;

/// <summary>Bans by command and by API, and the hash of a password.</summary>
public sealed class BansCommandTests
{
    [Fact]
    public async Task Bans_are_listed_made_and_ended_and_survive_a_kill()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        Assert.Equal("[]", (await edge.CommandAsync("bans", "--json")).Output.Trim());

        var added = await edge.CommandAsync("bans", "add", "203.0.113.0/24", "--for", "30d", "--reason", "guesses");
        Assert.Equal(0, added.ExitCode);
        Assert.Equal(0, (await edge.CommandAsync("bans", "add", "2001:db8::/64")).ExitCode);
        await edge.KillAsync();
        await edge.StartAsync();
        var listed = (await edge.CommandAsync("bans")).Output;
        Assert.Matches(@"203\.0\.113\.0/24 +\d{4}-\d\d-\d\d \d\d:\d\dZ +guesses +admin +1", listed);
        Assert.Matches(@"2001:db8::/64 +\d{4}-\d\d-\d\d \d\d:\d\dZ +by hand +admin +1", listed);

        Assert.Contains("203.0.113.0/24", (await edge.CommandAsync("bans", "203.0.113.9")).Output);
        Assert.Equal("[]", (await edge.CommandAsync("bans", "203.0.114.9", "--json")).Output.Trim());
        Assert.Contains("did you mean 203.0.113.0/24?", (await edge.CommandAsync("bans", "203.0.113.1/24")).Output);

        var removed = await edge.CommandAsync("bans", "remove", "203.0.113.9");
        Assert.Equal(0, removed.ExitCode);
        Assert.Contains("203.0.113.0/24", removed.Output);
        Assert.Equal(0, (await edge.CommandAsync("bans", "remove", "2001:db8::7")).ExitCode);
        Assert.Equal("[]", (await edge.CommandAsync("bans", "--json")).Output.Trim());
        var again = await edge.CommandAsync("bans", "remove", "203.0.113.0/24");
        Assert.NotEqual(0, again.ExitCode);
        Assert.Contains("203.0.113.0/24 is not banned", again.Output);
    }

    [Fact]
    public async Task Mistakes_are_told()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        (string[] Arguments, string Expected)[] cases =
        [
            (["add", "203.0.113.1/24"], "\"203.0.113.1/24\" has bits set behind its prefix; did you mean 203.0.113.0/24?"),
            (["add", "somebody"], "\"somebody\" is neither an address nor a network"),
            (["add", "127.0.0.1"], "and these are not banned"),
            (["add", "0.0.0.0/0"], "and these are not banned"),
            (["add", "203.0.113.9", "--for", "soon"], "\"soon\" is not a time"),
            (["remove", "203.0.113.1/24"], "did you mean 203.0.113.0/24?"),
            (["remove", "203.0.113.9"], "203.0.113.9 is not banned"),
        ];
        foreach (var (arguments, expected) in cases)
        {
            var result = await edge.CommandAsync(["bans", .. arguments]);
            Assert.NotEqual(0, result.ExitCode);
            Assert.Contains(expected, result.Output);
        }

        using var api = edge.Api();
        (string Body, HttpStatusCode Status, string Expected)[] bodies =
        [
            ("nonsense", HttpStatusCode.BadRequest, "the body is not a ban"),
            ("{}", HttpStatusCode.UnprocessableEntity, "is neither an address nor a network"),
            ("""{"network":"203.0.113.9","seconds":0}""", HttpStatusCode.UnprocessableEntity, "seconds is a number from 1"),
            ("""{"network":"203.0.113.9","reason":"two\nlines"}""", HttpStatusCode.UnprocessableEntity, "reason one line"),
            ("""{"network":"203.0.113.9","reason":"why","seconds":60}""", HttpStatusCode.OK, "\"203.0.113.9\""),
        ];
        foreach (var (body, status, expected) in bodies)
        {
            using var answer = await api.PostAsync("/v1/bans", new StringContent(body, Encoding.UTF8, "application/json"));
            Assert.Equal(status, answer.StatusCode);
            Assert.Contains(expected, await answer.Content.ReadAsStringAsync());
        }

        using var stranger = new HttpClient { BaseAddress = api.BaseAddress };
        using var refused = await stranger.GetAsync("/v1/bans");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Theory]
    [InlineData("correct horse", true)]
    [InlineData("", false)]
    public async Task A_password_from_the_standard_input_is_hashed(string password, bool works)
    {
        await using var edge = EdgeProcess.InExampleFolder();
        edge.HasTerminal = false;
        var lines = new StringBuilder();
        using var process = edge.Launch(["access", "hash"], line => lines.AppendLine(line));
        await process.StandardInput.WriteLineAsync(password);
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.WaitForExit();

        Assert.Equal(works, process.ExitCode == 0);
        if (works)
        {
            var hash = PasswordHash.Parse(lines.ToString().Trim(), out _);
            Assert.True(hash!.Verify(password));
            Assert.False(hash.Verify("wrong"));
        }
        else
        {
            Assert.Contains("a password has 1 to 1024 characters", lines.ToString());
        }
    }
}
