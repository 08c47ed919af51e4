using Edge.Observability;
using Edge.Settings;

namespace Edge.Tests.Observability;

/// <summary>The sections "access-log", "metrics" and "opentelemetry" of edge.yaml.</summary>
public sealed class AccessLogOptionsTests
{
    [Fact]
    public void Everything_said()
    {
        var options = Read("""
            access-log:
              file: logs/access.log
              format: vhost-combined
              file-size: 1MB
              keep: 9
              query: none
              clients: network
            """, out var problems);
        Assert.Empty(problems);
        Assert.Equal(
            new AccessLogOptions { File = "/etc/edge/logs/access.log", Format = AccessLogFormat.VhostCombined, LargestFile = 1 << 20, Keep = 9, Query = QueryDisplay.None, OnlyNetworks = true },
            options.AccessLog);
    }

    [Theory]
    [InlineData("domain: example.com", true, "/etc/edge/data/access.log")]
    [InlineData("data: /srv/edge", true, "/srv/edge/access.log")]
    [InlineData("access-log: on", true, "/etc/edge/data/access.log")]
    [InlineData("access-log: off", false, "/etc/edge/data/access.log")]
    [InlineData("access-log:\n  file: stdout", true, null)]
    public void Nothing_said_and_switched(string yaml, bool enabled, string? file)
    {
        Assert.Equal(new AccessLogOptions { Enabled = enabled, File = file }, Read(yaml, out var problems).AccessLog);
        Assert.Empty(problems);
    }

    [Fact]
    public void Where_metrics_and_traces_go()
    {
        var options = Read("""
            metrics:
              listen: 127.0.0.1:9480
              token: 0123456789abcdef
            opentelemetry:
              endpoint: https://collector.example.com/otlp
              headers:
                Authorization: Bearer secret
              traces: 12.5%
              metrics: false
              interval: 15s
            """, out var problems);
        Assert.Empty(problems);
        Assert.Equal("127.0.0.1:9480", Assert.Single(options.Metrics.Listen).ToString());
        Assert.Equal("0123456789abcdef", options.Metrics.Token);
        Assert.Equal("https://collector.example.com/otlp [Authorization, Bearer secret] 0.125 False 00:00:15", options.OpenTelemetry.Text);
    }

    [Theory]
    [InlineData("access-log: maybe", "edge.yaml:1: access-log: is neither \"on\" nor \"off\" nor a mapping")]
    [InlineData("access-log:\n  format: xml", "edge.yaml:2: access-log.format: \"xml\" is not one of json, combined, vhost-combined")]
    [InlineData("access-log:\n  file: /tmp", "edge.yaml:2: access-log.file: /tmp is a folder; a file is needed")]
    [InlineData("access-log:\n  file: /dev/full", "edge.yaml:2: access-log.file: /dev/full is no ordinary file")]
    [InlineData("access-log:\n  file: edge.yaml", "edge.yaml:2: access-log.file: edge.yaml holds these settings")]
    [InlineData("access-log:\n  file: data/edge.db", "edge.yaml:2: access-log.file: data/edge.db may be one of Edge's own files")]
    [InlineData("access-log:\n  file-size: 1KB", "edge.yaml:2: access-log.file-size: must lie between 64KB and 1024GB")]
    [InlineData("access-log:\n  file-size: much", "edge.yaml:2: access-log.file-size: \"much\" is not an amount of bytes")]
    [InlineData("access-log:\n  file: stdout\n  keep: 4", "edge.yaml:3: access-log.keep: is about a file, and the log goes to the standard output")]
    [InlineData("access-log:\n  fromat: json", "edge.yaml:2: access-log.fromat: is not a known key (did you mean \"format\"?)")]
    [InlineData("metrics:\n  token: short", "edge.yaml:2: metrics.token: has fewer than 16 characters and could be guessed")]
    [InlineData("metrics:\n  listen: here", "edge.yaml:2: metrics.listen: \"here\" is not ADDRESS:PORT")]
    [InlineData("opentelemetry:\n  traces: all", "edge.yaml:1: opentelemetry: names no collector")]
    [InlineData("opentelemetry:\n  endpoint: 127.0.0.1:4318", "edge.yaml:2: opentelemetry.endpoint: \"127.0.0.1:4318\" is not a URL")]
    [InlineData("opentelemetry:\n  endpoint: http://a\n  traces: 120%", "edge.yaml:3: opentelemetry.traces: \"120%\" is neither \"all\" nor \"none\" nor a share such as 10%")]
    [InlineData("opentelemetry:\n  endpoint: http://a\n  interval: 0s", "edge.yaml:3: opentelemetry.interval: ")]
    [InlineData("opentelemetry:\n  endpoint: http://a\n  headers:\n    \"a b\": c", "edge.yaml:4: opentelemetry.headers.a b: is not a header of HTTP")]
    public void A_mistake_is_told_with_its_line(string yaml, string problem)
    {
        Read(yaml, out var problems);
        Assert.StartsWith(problem, Assert.Single(problems), StringComparison.Ordinal);
    }

    private static EdgeOptions Read(string yaml, out string[] problems)
    {
        var found = new ProblemList();
        var options = EdgeOptionsFile.Parse(yaml, "edge.yaml", found, "/etc/edge");
        problems = [.. found.All.Select(problem => problem.ToString())];
        return options;
    }
}
