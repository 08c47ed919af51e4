using Edge.Names;
using Edge.Settings;
using Xunit;

namespace Edge.Tests.Names;

/// <summary>The "keys" section of "dns".</summary>
public sealed class KeyOptionsTests
{
    private const string Secret = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    [Fact]
    public void A_key_is_read_with_its_algorithm_and_view()
    {
        var (keys, problems) = Read($"ns2.example.com: {{algorithm: hmac-sha512, secret: \"{Secret}\", view: lan}}\nlaptop: {{secret: \"{Secret}\"}}");
        Assert.Empty(problems);
        Assert.Equal(["ns2.example.com. hmac-sha512 lan", "laptop. hmac-sha256 "], keys.Select(key => $"{key.Key.Name} {key.Key.Algorithm} {key.View}"));
    }

    [Fact]
    public void A_secret_may_stand_in_a_file_of_its_own()
    {
        var folder = Directory.CreateTempSubdirectory("edge-key-").FullName;
        File.WriteAllText(Path.Combine(folder, "laptop.key"), Secret + "\n");
        var (keys, problems) = Read("laptop: {secret-file: laptop.key}", folder);
        Assert.Empty(problems);
        Assert.Equal(Read($"laptop: {{secret: \"{Secret}\"}}").Keys, keys);
        Directory.Delete(folder, true);
    }

    [Fact]
    public void Rules_for_updates_are_read_in_both_forms()
    {
        var (keys, problems) = Read($"laptop.example.com:\n  secret: \"{Secret}\"\n  update:\n    - self A AAAA\n    - {{names: [a.example.com, \"*.b.example.com\"], types: TXT}}\n    - c.example.com");
        Assert.Empty(problems);
        Assert.Equal(
            ["laptop.example.com A,AAAA", "a.example.com TXT", "*.b.example.com TXT", "c.example.com "],
            Assert.Single(keys).Update.Select(rule => $"{rule.Names} {string.Join(',', rule.Types)}"));
        Assert.Equal(["www.example.com A"], Read($"laptop: {{secret: \"{Secret}\", update: www.example.com A}}").Keys.Single().Update.Select(rule => $"{rule.Names} {string.Join(',', rule.Types)}"));
    }

    [Theory]
    [InlineData("laptop:", "edge.yaml:1: laptop: has no secret")]
    [InlineData("laptop: {}", "edge.yaml:1: laptop: has no secret")]
    [InlineData("laptop: {secret: a b c}", "edge.yaml:1: laptop.secret: is not base64")]
    [InlineData("laptop: {secret: c2hvcnQ=}", "edge.yaml:1: laptop.secret: has 5 bytes; a secret needs 16 or more")]
    [InlineData($"laptop:\n  secret: \"{Secret}\"\n  algorithm: hmac-md5", "edge.yaml:3: laptop.algorithm: \"hmac-md5\" is not one of hmac-sha256, hmac-sha384, hmac-sha512")]
    [InlineData($"laptop:\n  secret: \"{Secret}\"\n  view: attic", "edge.yaml:3: laptop.view: \"attic\" is not one of lan, public")]
    [InlineData($"laptop:\n  secret: \"{Secret}\"\n  secret-file: x", "has both a secret and a secret-file")]
    [InlineData("laptop:\n  secret-file: /not/there", "edge.yaml:2: laptop.secret-file: /not/there cannot be read: it is not there")]
    [InlineData($"laptop:\n  secrets: \"{Secret}\"", "did you mean \"secret\"?")]
    [InlineData($"laptop:\n  secret: \"{Secret}\"\n  update:\n    - www.example.com TTX", "edge.yaml:4: laptop.update[0]: \"TTX\" is not a record type")]
    [InlineData($"laptop:\n  secret: \"{Secret}\"\n  update: a..b A", "edge.yaml:3: laptop.update: \"a..b\" is not a name")]
    [InlineData($"laptop:\n  secret: \"{Secret}\"\n  update: self A", "edge.yaml:3: laptop.update: \"self\" means the name of the key, and \"laptop\" is the name of no host")]
    [InlineData($"laptop:\n  secret: \"{Secret}\"\n  update:\n    - {{types: [A]}}", "edge.yaml:4: laptop.update[0]: has no names")]
    [InlineData($"laptop:\n  secret: \"{Secret}\"\n  update:\n    - {{names: [www.example.com], types: [A, AXFR]}}", "edge.yaml:4: laptop.update[0].types[1]: \"AXFR\" is not a record type")]
    [InlineData($"laptop:\n  secret: \"{Secret}\"\n  update:\n    - {{names: [www.example.com], type: A}}", "did you mean \"types\"?")]
    [InlineData($"laptop:\n  secret: \"{Secret}\"\n  update:\n    - [www.example.com]", "edge.yaml:4: laptop.update[0]: is a list; a rule is needed here")]
    [InlineData($"a..b: {{secret: \"{Secret}\"}}", "edge.yaml:1: a..b: \"a..b\" cannot be the name of a key")]
    [InlineData($"laptop: {{secret: \"{Secret}\"}}\nLAPTOP: {{secret: \"{Secret}\"}}", "edge.yaml:2: LAPTOP: stands twice")]
    public void A_mistake_is_told(string yaml, string expected)
    {
        var (_, problems) = Read(yaml);
        Assert.True(problems.Any(problem => problem.ToString().Contains(expected)), string.Join("\n", problems));
    }

    private static (IReadOnlyList<KeyOptions> Keys, IReadOnlyList<Problem> Problems) Read(string yaml, string folder = "/")
    {
        var problems = new ProblemList();
        var map = YamlDocumentReader.Read(yaml, "edge.yaml", problems)!;
        return (KeyOptions.ReadAll(new MapReader(map, problems), folder, ["lan", "public"]), problems.All);
    }
}
