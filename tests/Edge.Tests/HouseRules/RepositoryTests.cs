using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace Edge.Tests.HouseRules;

/// <summary>What is true of the repository as a whole.</summary>
public sealed class RepositoryTests
{
    private static readonly string[] TextEndings =
        [".cs", ".csproj", ".props", ".targets", ".sln", ".md", ".yaml", ".yml", ".json", ".zone", ".sh", ".py", ".service", ".conf", ".editorconfig", ".gitignore", ".dockerignore", ".txt"];

    // Folders of a person's or a build server's machine. The brackets keep this line from finding itself.
    private static readonly Regex MachinePath = new(@"(?<![\w.~-])/(?:[w]ork|[r]oot|[U]sers|[t]mp/(?:wt|lab)|[h]ome/(?!USER|you\b|me\b)[a-z]\w*)/\w|[A-Z]:\\[U]sers");

    [Theory]
    [InlineData("see /wor" + "k/main/src", true)]
    [InlineData("/hom" + "e/anna/edge", true)]
    [InlineData("docs/wor" + "k/plan and /var/lib/edge", false)]
    public void A_path_of_somebodys_machine_is_known(string text, bool known) => Assert.Equal(known, MachinePath.IsMatch(text));

    [Fact]
    public void No_file_names_a_path_of_the_machine_it_was_written_on()
    {
        var found = TextFiles().SelectMany(path => Repository.Text(path).Split('\n').Select((line, index) => (line, where: $"{path}:{index + 1}")))
            .Where(at => MachinePath.IsMatch(at.line)).Select(at => $"{at.where}: {at.line.Trim()}").ToList();
        Assert.True(found.Count == 0, string.Join("\n", found));
    }

    [Fact]
    public void Every_package_has_its_reason_in_the_decisions()
    {
        var reasons = Reasons(debian: false);
        var packages = XDocument.Parse(Repository.Text("Directory.Packages.props")).Descendants("PackageVersion").Select(package => package.Attribute("Include")!.Value).ToHashSet();
        Assert.NotEmpty(packages);
        Offences.None(packages.Except(reasons).Select(package => $"{package} has no line in docs/decisions/dependencies.md"));
        Offences.None(reasons.Except(packages).Select(package => $"docs/decisions/dependencies.md speaks of {package}, which is not used"));
    }

    [Fact]
    public void Every_program_that_the_tests_run_has_its_reason_in_the_decisions()
    {
        var reasons = Reasons(debian: true);
        var installed = Regex.Matches(Repository.Text("test.sh"), @"^(?:unpacked_)?packages=\(([^)]*)\)", RegexOptions.Multiline)
            .SelectMany(list => list.Groups[1].Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ToHashSet();
        Assert.Contains("systemd-resolved", installed);
        Offences.None(installed.Except(reasons).Select(package => $"{package} of test.sh has no line in docs/decisions/dependencies.md"));
        Offences.None(reasons.Except(installed).Select(package => $"docs/decisions/dependencies.md speaks of {package}, which test.sh does not install"));
    }

    [Fact]
    public void Every_decision_has_context_decision_and_consequences()
    {
        var pages = Repository.Files("docs/decisions", "0*.md").ToList();
        Assert.NotEmpty(pages);
        Offences.None(from page in pages
                     from part in new[] { "## Context", "## Decision", "## Consequences" }
                     where !Repository.Text(page).Contains(part)
                     select $"{page} lacks {part}");
    }

    /// <summary>A test that skips itself with "apt-get install X" runs only if test.sh installs X.</summary>
    [Fact]
    public void What_tests_ask_for_is_what_test_sh_installs()
    {
        var list = Regex.Match(Repository.Text("test.sh"), @"^packages=\(([^)]*)\)", RegexOptions.Multiline).Groups[1].Value;
        var installs = list.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToHashSet();
        Assert.Contains("knot", installs);
        var asked = from file in Repository.SourceFiles("tests")
                    where !file.Path.EndsWith("RepositoryTests.cs", StringComparison.Ordinal)
                    from Match match in Regex.Matches(file.Text, @"apt-get install ((?:[a-z0-9][a-z0-9.+-]+[ ,]*)+)")
                    from package in match.Groups[1].Value.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries)
                    where !installs.Contains(package.TrimEnd('.'))
                    select $"{file}: {package}";
        Offences.None(asked);
    }

    // The first words of the lines of the tables about one or the other.
    private static HashSet<string> Reasons(bool debian) =>
    [
        .. Repository.Text("docs/decisions/dependencies.md").Split("\n## ").Where(part => part.Contains("| Debian package |", StringComparison.Ordinal) == debian)
            .SelectMany(part => Regex.Matches(part, @"^\| `([\w.+-]+)` \|", RegexOptions.Multiline).Select(match => match.Groups[1].Value)),
    ];

    private static IEnumerable<string> TextFiles() =>
        Repository.Files(".", "*").Where(path => TextEndings.Any(ending => path.EndsWith(ending, StringComparison.Ordinal)) || !Path.GetFileName(path).Contains('.'));
}
