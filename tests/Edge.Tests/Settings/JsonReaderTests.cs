using System.Text;
using Edge.Settings;
using Xunit;

namespace Edge.Tests.Settings;

/// <summary>RFC 8259 §8.2: what the grammar of JSON takes and is no text all the same.</summary>
public sealed class JsonReaderTests
{
    public static TheoryData<byte[]> NoText => new()
    {
        """{"a":"\ud800"}"""u8.ToArray(),
        """{"\udc00":1}"""u8.ToArray(),
        """{"a":[{"b":"\ud800x"}]}"""u8.ToArray(),
        Encoding.Latin1.GetBytes("{\"a\":\"\u00FF\"}"),
        Encoding.Latin1.GetBytes("{\"\u00C3\":1}"),
    };

    [Theory]
    [MemberData(nameof(NoText))]
    public void A_body_is_told(byte[] text)
    {
        var problems = new ProblemList();
        Assert.Null(JsonDocumentReader.Read(text, problems));
        Assert.Contains("is not Unicode", Assert.Single(problems.All).Message);
    }

    [Theory]
    [InlineData("{\"a\":\n\"\\ud800\"}", 2)]
    [InlineData("{\n\n\"\\udc00\":1}", 3)]
    public void A_file_is_told_with_its_line(string text, int line)
    {
        var problems = new ProblemList();
        Assert.Null(JsonFileReader.Read(text, "x.json", problems));
        var problem = Assert.Single(problems.All);
        Assert.Equal(("x.json", line), (problem.File, problem.Line));
        Assert.Contains("is not Unicode", problem.Message);
    }

    [Fact]
    public void What_begins_with_a_mark_of_its_encoding_is_read_like_all_else()
    {
        var problems = new ProblemList();
        Assert.NotNull(YamlDocumentReader.Read("\uFEFFdomain: example.com\n", "edge.yaml", problems)!.Entries.Single(entry => entry.Key == "domain").Value);
        Assert.Empty(problems.All);
    }
}
