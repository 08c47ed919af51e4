using System.Text.RegularExpressions;
using Edge.Gateway;
using Edge.Services;
using Edge.Settings;

namespace Edge.Tests.HouseRules;

/// <summary>What the documents tell a reader to write is read by the real readers without a complaint.</summary>
public sealed class DocumentTests
{
    [Fact]
    public void Examples_in_the_documents_load()
    {
        var examples = Documents().SelectMany(Examples).ToList();
        Assert.NotEmpty(examples);
        Offences.None(examples.SelectMany(example => Problems(example.Where, example.Text)));
    }

    [Theory]
    [InlineData("services:\n  photos:\n    to: http://192.168.1.10:2342\n", true)]
    [InlineData("services:\n  photos:\n    too: http://192.168.1.10:2342\n", false)]
    [InlineData("gateway:\n  https: [0.0.0.0:443]\n", true)]
    [InlineData("gateway:\n  htps: [0.0.0.0:443]\n", false)]
    [InlineData("domian: example.com\n", false)]
    [InlineData("Routes:\n  all:\n    ClusterId: one\n    Order: many\n", false)]
    public void A_wrong_example_would_be_found(string text, bool sound) => Assert.Equal(sound, !Problems("README.md:1", text).Any());

    [Fact]
    public void Links_between_the_documents_lead_somewhere() =>
        Offences.None(from document in Documents()
                      from Match link in Regex.Matches(Repository.Text(document), @"\]\((?!\w+:|#)([^)#\s]+)[^)]*\)")
                      let target = Path.Combine(Repository.Root, Path.GetDirectoryName(document)!, link.Groups[1].Value)
                      where !Path.Exists(target)
                      select $"{document}: {link.Groups[1].Value}");

    [Fact]
    public void The_tests_that_the_table_of_claims_names_exist()
    {
        var named = Regex.Matches(Repository.Text("tests/README.md"), @"`(\w+Tests)\.(\w+)`");
        Assert.NotEmpty(named);
        Offences.None(from Match test in named
                      where !Repository.SourceFiles("tests").Any(file =>
                          file.Path.EndsWith($"/{test.Groups[1].Value}.cs", StringComparison.Ordinal) && Regex.IsMatch(file.Text, $@"\b{test.Groups[2].Value}\("))
                      select test.Value);
    }

    [Fact]
    public void The_settings_of_the_repository_load()
    {
        var problems = new ProblemList();
        EdgeOptionsFile.Load(Path.Combine(Repository.Root, "edge.yaml"), problems);
        Assert.Equal([], problems.All);
    }

    [Fact]
    public void What_stands_commented_in_the_settings_of_the_repository_loads_as_well()
    {
        var problems = new ProblemList();
        var options = EdgeOptionsFile.Parse(Regex.Replace(Repository.Text("edge.yaml"), "^# (certificates:|  .*)$", "$1", RegexOptions.Multiline), "edge.yaml", problems);
        Assert.Equal([], problems.All);
        Assert.NotEmpty(options.Certificates.Issuers);
    }

    private static IEnumerable<string> Documents() =>
        Repository.Files(".", "*.md").Where(path => !path.StartsWith("tests/", StringComparison.Ordinal));

    private static IEnumerable<(string Where, string Text)> Examples(string document)
    {
        var text = Repository.Text(document);
        foreach (Match block in Regex.Matches(text, @"^```ya?ml[ \t]*\r?\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline))
        {
            yield return ($"{document}:{text.AsSpan(0, block.Index).Count('\n') + 2}", block.Groups[1].Value);
        }
    }

    private static IEnumerable<string> Problems(string where, string text)
    {
        var problems = new ProblemList();
        if (YamlDocumentReader.Read(text, "example.yaml", problems) is { } root)
        {
            Read(root, text, problems);
        }

        return problems.All.Select(problem => $"{where}: {problem}");
    }

    private static void Read(MapNode root, string text, ProblemList problems)
    {
        // "routes" with a single value is the folder of edge.yaml, not routes.
        if (YarpFileReader.IsYarpShaped(root) && root.Find("routes") is not ScalarNode)
        {
            var file = YarpFileReader.Read("example.yaml", text, problems);
            foreach (var problem in file?.Problems ?? [])
            {
                problems.Add(problem);
            }

            return;
        }

        if (root.Find("services") is MapNode services)
        {
            var service = new ServiceReader("example.com", "nas");
            foreach (var (name, node) in services.Entries)
            {
                service.Read(name, node, Declarer.File("example.yaml"), problems);
            }

            return;
        }

        EdgeOptionsFile.Parse(text, "example.yaml", problems);
    }
}
