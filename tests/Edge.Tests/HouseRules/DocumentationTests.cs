using System.Text.RegularExpressions;
using Edge.Gateway;
using Edge.Services;
using Edge.Settings;

namespace Edge.Tests.HouseRules;

/// <summary>What README and docs show as YAML is read by the same readers as a user's files, and is right.</summary>
public sealed partial class DocumentationTests
{
    public static TheoryData<string, int, string> Examples
    {
        get
        {
            var examples = new TheoryData<string, int, string>();
            foreach (var page in Pages())
            {
                var text = File.ReadAllText(page);
                foreach (Match block in YamlBlock().Matches(text))
                {
                    examples.Add(Path.GetRelativePath(Repository.Root, page), text[..block.Index].Count(c => c == '\n') + 1, block.Groups["text"].Value);
                }
            }

            return examples;
        }
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_in_the_documentation_loads(string page, int line, string text)
    {
        var problems = new ProblemList();
        var root = YamlDocumentReader.Read(text, page, problems);
        Assert.True(root is not null, $"{page}:{line}: {string.Join('\n', problems.All)}");
        if (root.Find("services") is MapNode services)
        {
            var reader = new ServiceReader("example.com", "nas");
            foreach (var (name, service) in services.Entries)
            {
                reader.Read(name, service, "file", page, problems);
            }
        }
        else if (root.Find("Routes") is not null || root.Find("ReverseProxy") is not null)
        {
            Assert.NotNull(YarpFileReader.Read("docs.yaml", text, problems));
        }
        else
        {
            EdgeOptionsFile.Parse(text, page, problems);
        }

        Assert.True(!problems.Any, $"the example at {page}:{line} has mistakes:\n{string.Join('\n', problems.All)}");
    }

    [Fact]
    public void The_settings_of_the_repository_load()
    {
        var problems = new ProblemList();
        EdgeOptionsFile.Load(Path.Combine(Repository.Root, "edge.yaml"), problems);
        Assert.Equal([], problems.All);
    }

    [Fact]
    public void The_commented_part_of_the_repositorys_settings_loads_as_well()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "edge.yaml"));
        var problems = new ProblemList();
        var options = EdgeOptionsFile.Parse(CommentedSection().Replace(text, "$1"), "edge.yaml", problems);
        Assert.Equal([], problems.All);
        Assert.NotNull(options.Certificates.Acme);
    }

    private static IEnumerable<string> Pages() =>
        Directory.EnumerateFiles(Repository.Root, "*.md").Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)).Order(StringComparer.Ordinal);

    [GeneratedRegex(@"^```yaml[^\n]*\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex YamlBlock();

    [GeneratedRegex(@"^# (certificates:|  .*)$", RegexOptions.Multiline)]
    private static partial Regex CommentedSection();
}
