using Edge.Dns.Queries;
using Edge.Settings;

namespace Edge.Tests.Names;

/// <summary>The section "queries" of edge.yaml.</summary>
public sealed class QueryOptionsTests
{
    [Fact]
    public void Everything_said()
    {
        var options = Read("""
            queries:
              memory: 16MB
              age: 10m
              clients: hashed
              file: logs/queries.log
              keep: 30d
              file-size: 5MB
            """, out var problems);
        Assert.Empty(problems);
        Assert.Equal(new QueryLogOptions
        {
            Memory = 16 << 20,
            Age = TimeSpan.FromMinutes(10),
            Clients = ClientDisplay.Hashed,
            File = "/etc/edge/logs/queries.log",
            KeepFiles = TimeSpan.FromDays(30),
            LargestFile = 5 << 20,
        }, options);
    }

    [Theory]
    [InlineData("domain: example.com", true)]
    [InlineData("queries: on", true)]
    [InlineData("queries: off", false)]
    [InlineData("queries: true", true)]
    [InlineData("queries: false", false)]
    public void Nothing_said_and_switched(string yaml, bool enabled)
    {
        Assert.Equal(new QueryLogOptions { Enabled = enabled }, Read(yaml, out var problems));
        Assert.Empty(problems);
    }

    [Theory]
    [InlineData("queries: yes", "edge.yaml:1: queries: is neither true nor false nor a mapping")]
    [InlineData("queries: [1]", "edge.yaml:1: queries: is neither")]
    [InlineData("queries:\n  memory: lots", "edge.yaml:2: queries.memory: \"lots\" is not an amount of bytes such as 512KB or 8MB")]
    [InlineData("queries:\n  memory: 512KB", "edge.yaml:2: queries.memory: must lie between 1MB and 1GB")]
    [InlineData("queries:\n  age: 2h", "edge.yaml:2: queries.age: must lie between 1m and 1h")]
    [InlineData("queries:\n  clients: none", "edge.yaml:2: queries.clients: \"none\" is not one of full, network, hashed")]
    [InlineData("queries:\n  keep: 7d", "edge.yaml:2: queries.keep: is about the file, and there is none")]
    [InlineData("queries:\n  file: /tmp", "edge.yaml:2: queries.file: /tmp is a folder; a file is needed")]
    [InlineData("queries:\n  file: edge.yaml", "edge.yaml:2: queries.file: edge.yaml holds these settings")]
    [InlineData("queries:\n  file: data/edge.db", "edge.yaml:2: queries.file: data/edge.db may be one of Edge's own files; in the data folder a name is needed that ends in .log or .jsonl")]
    [InlineData("data: /srv/edge\nqueries:\n  file: /srv/edge/answers.cache", "edge.yaml:3: queries.file: /srv/edge/answers.cache may be one of Edge's own files")]
    [InlineData("queries:\n  file: a.log\n  keep: 1m", "edge.yaml:3: queries.keep: must lie between 1h and 3650d")]
    [InlineData("queries:\n  memroy: 8MB", "edge.yaml:2: queries.memroy: is not a known key (did you mean \"memory\"?)")]
    public void A_mistake_is_told_with_its_line(string yaml, string problem)
    {
        Read(yaml, out var problems);
        Assert.StartsWith(problem, Assert.Single(problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("8MB", 8L << 20)]
    [InlineData("512kb", 512L << 10)]
    [InlineData("2 G", 2L << 30)]
    [InlineData("100", 100L)]
    [InlineData("7B", 7L)]
    [InlineData("MB", null)]
    [InlineData("-1MB", null)]
    [InlineData("1.5MB", null)]
    [InlineData("99999999999", null)]
    [InlineData("", null)]
    public void Amounts_of_bytes(string text, long? bytes) => Assert.Equal(bytes, SizeText.Parse(text));

    private static QueryLogOptions Read(string yaml, out string[] problems)
    {
        var found = new ProblemList();
        var options = EdgeOptionsFile.Parse(yaml, "edge.yaml", found, "/etc/edge");
        problems = [.. found.All.Select(problem => problem.ToString())];
        return options.Queries;
    }
}
