using Edge.Settings;

namespace Edge.Tests.Settings;

/// <summary>A slip in a settings file is told with its line, its field and the way out; all slips at once.</summary>
public sealed class MapReaderTests
{
    public static TheoryData<string, string> Slips => new()
    {
        { "nmae: x", "f.yaml:1: nmae: is not a known key (did you mean \"name\"?)" },
        { "name: x\nzzzzzzzz: 1", "f.yaml:2: zzzzzzzz: is not a known key (known here: list, name, number, on, section, time)" },
        { "number: many", "f.yaml:1: number: \"many\" is not a whole number from 1 to 9" },
        { "number: 10", "f.yaml:1: number: \"10\" is not a whole number from 1 to 9" },
        { "on: yes", "f.yaml:1: on: \"yes\" is not true or false" },
        { "time: soon", "f.yaml:1: time: \"soon\" is not a time such as 90s, 15m, 1h or 7d" },
        { "list:\n- 127.0.0.1:53\n- nowhere", "f.yaml:3: list[1]: \"nowhere\" is not ADDRESS:PORT, such as 127.0.0.1:8080 or [::1]:8080" },
        { "section: 5", "f.yaml:1: section: is a value; a mapping is needed here" },
        { "name:\n  a: b", "f.yaml:1: name: is a mapping; text is needed here" },
        { "a: [", "f.yaml:1: is not YAML: " },
        { "- a\n- b", "f.yaml:1: is a list; a mapping is needed here" },
        { "name: a\nname: b", "f.yaml:2: is not YAML: " },
        { "section:\n  name: a\n\tnumber: 1", "f.yaml:3: is not YAML: the line is indented with a tab (indent with spaces)" },
        { "name: a\nsection:\n\tname: a", "f.yaml:3: is not YAML: the line is indented with a tab (indent with spaces)" },
        { "name: a\nlist:\n\t- a", "f.yaml:3: is not YAML: the line is indented with a tab (indent with spaces)" },
        { "section:\n  a: [1]\n  list: [a\n  name: b\nname: c", "f.yaml:3: is not YAML: what stands in brackets over several lines is indented less than its key (close the bracket on its line, or indent what is in it more than the key)" },
        { "section:\n  a:\n    b: {name: a, list: [1, 2]\n  name: c\nname: b", "f.yaml:3: is not YAML: what stands in brackets over several lines is indented less than its key" },
        { "name: a\n---\nname: b", "f.yaml:3: holds more than one document (remove the --- line)" },
    };

    [Theory]
    [MemberData(nameof(Slips))]
    public void A_slip_is_told_with_file_line_and_field(string yaml, string expected)
    {
        var problems = new ProblemList();
        Read(yaml, problems);
        var problem = Assert.Single(problems.All).ToString();
        Assert.StartsWith(expected, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void All_slips_are_told_at_once()
    {
        var problems = new ProblemList();
        Read("number: x\non: maybe\ntime: never\nextra: 1", problems);
        Assert.Equal([1, 2, 3, 4], problems.All.Select(problem => problem.Line));
    }

    [Theory]
    [InlineData("")]
    [InlineData("# only a comment\n")]
    [InlineData("---\n")]
    public void Nothing_is_an_empty_mapping(string yaml)
    {
        var problems = new ProblemList();
        Assert.Empty(YamlDocumentReader.Read(yaml, "f.yaml", problems)!.Entries);
        Assert.False(problems.Any);
    }

    [Theory]
    [InlineData("{\"a\": 1, \"a\": 2}")]
    [InlineData("[1]")]
    [InlineData("{\"a\":")]
    [InlineData("")]
    public void A_JSON_body_that_is_not_one_object_is_refused(string json)
    {
        var problems = new ProblemList();
        Assert.Null(JsonDocumentReader.Read(System.Text.Encoding.UTF8.GetBytes(json), problems));
        Assert.Single(problems.All);
    }

    [Fact]
    public void JSON_and_YAML_give_the_same_nodes()
    {
        var problems = new ProblemList();
        var json = JsonDocumentReader.Read("{\"name\":\"x\",\"number\":5,\"on\":true,\"list\":[\"[::1]:53\"]}"u8.ToArray(), problems)!;
        var yaml = YamlDocumentReader.Read("name: x\nnumber: 5\non: true\nlist: ['[::1]:53']", "f", problems)!;
        Assert.False(problems.Any);
        Assert.Equal(Shape(yaml), Shape(json));
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("on", true)]
    [InlineData("False", false)]
    [InlineData("off", false)]
    [InlineData("yes", null)]
    [InlineData("1", null)]
    public void A_choice_of_two_is_written_true_and_false_or_on_and_off(string text, bool? expected)
    {
        var problems = new ProblemList();
        var reader = new MapReader(YamlDocumentReader.Read($"key: {text}", "f.yaml", problems)!, problems);
        Assert.Equal(expected, reader.Switch("key"));
        Assert.Equal(expected switch { true => "true", false => "false", null => null }, reader.SwitchOr("key", "required"));
        Assert.Equal(expected is null ? 2 : 0, problems.All.Count);
    }

    private static string Shape(Node node) => node switch
    {
        MapNode map => "{" + string.Join(",", map.Entries.Select(entry => $"{entry.Key}@{entry.Value.Path}={Shape(entry.Value)}")) + "}",
        ListNode list => "[" + string.Join(",", list.Items.Select(Shape)) + "]",
        ScalarNode scalar => scalar.Value ?? "null",
        _ => "?",
    };

    private static void Read(string yaml, ProblemList problems)
    {
        if (YamlDocumentReader.Read(yaml, "f.yaml", problems) is { } map)
        {
            var reader = new MapReader(map, problems);
            reader.Text("name");
            reader.Number("number", 1, 9);
            reader.Switch("on");
            reader.Duration("time");
            reader.EndPoints("list");
            reader.Section("section");
            reader.Done();
        }
    }
}
