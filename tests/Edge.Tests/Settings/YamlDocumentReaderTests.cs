using Edge.Settings;
using Xunit;

namespace Edge.Tests.Settings;

/// <summary>YAML that people write, and YAML that is made to hurt.</summary>
public sealed class YamlDocumentReaderTests
{
    [Fact]
    public void Mappings_and_lists_stand_on_the_line_of_their_key_and_values_on_their_own()
    {
        var root = YamlDocumentReader.Read("# why\nservices:\n  photos:\n    to:\n      - a\n      - b\n    host: x\n", "f.yaml", new ProblemList())!;
        var photos = (MapNode)((MapNode)root.Find("services")!).Find("photos")!;
        var to = (ListNode)photos.Find("to")!;

        Assert.Equal((2, 3, 4, 6, 7), (root.Find("services")!.Line, photos.Line, to.Line, to.Items[1].Line, photos.Find("host")!.Line));
    }

    [Theory]
    [InlineData("deep brackets", "a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "nested more than 32 levels deep")]
    [InlineData("brackets left of their key", "a:\n  b:\n    c: x\n    d: [ {\n  e: { set: { X-F: ours, G: text/special }, remove: [h] },\n  i: j\n} ]\n", null)]
    [InlineData("an alias of itself", "a: &a [*a, *a]", null)]
    [InlineData("a bomb of aliases", "BOMB", "larger than 200000 pieces")]
    [InlineData("sixty thousand brackets", "BRACKETS", "nested more than 32 levels deep")]
    public void Text_that_is_made_to_hurt_is_a_problem_and_nothing_worse(string why, string text, string? expected)
    {
        var problems = new ProblemList();
        YamlDocumentReader.Read(text switch { "BOMB" => Bomb(), "BRACKETS" => new string('[', 60_000), _ => text }, "f.yaml", problems);
        Assert.True(problems.Any, why);
        Assert.Contains(problems.All, problem => expected is null || problem.Message.Contains(expected));
        Assert.True(problems.All.Count < 10);
    }

    private static string Bomb() =>
        "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range(1, 9).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 9))}]\n"));
}
