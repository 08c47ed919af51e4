using Edge.Settings;
using Xunit;

namespace Edge.Tests.Settings;

/// <summary>Networks as people write them, and what they meant where that is no network.</summary>
public sealed class NetworkTextTests
{
    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7/32", null)]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7/32", null)]
    [InlineData("2001:db8::7", "2001:db8::7/128", null)]
    [InlineData("203.0.113.0/24", "203.0.113.0/24", null)]
    [InlineData("2001:db8::/32", "2001:db8::/32", null)]
    [InlineData("0.0.0.0/0", "0.0.0.0/0", null)]
    [InlineData("203.0.113.1/24", null, "203.0.113.0/24")]
    [InlineData("203.0.113.129/25", null, "203.0.113.128/25")]
    [InlineData("2001:db8::1/64", null, "2001:db8::/64")]
    [InlineData("10.0.0.0/33", null, null)]
    [InlineData("2001:db8::/129", null, null)]
    [InlineData("10.0.0.0/", null, null)]
    [InlineData("10.0.0.0/-1", null, null)]
    [InlineData("/24", null, null)]
    [InlineData("fe80::1%eth0", null, null)]
    [InlineData("lan", null, null)]
    [InlineData("", null, null)]
    public void A_network(string text, string? expected, string? meant)
    {
        var network = NetworkText.Parse(text, out var instead);
        Assert.Equal((expected, meant), (network?.ToString(), instead));
    }

    [Fact]
    public void A_slip_in_edge_yaml_is_told_with_its_line()
    {
        var problems = new ProblemList();
        EdgeOptionsFile.Parse("access:\n  bans:\n    never: [203.0.113.1/24]\n", "edge.yaml", problems);
        Assert.Equal("edge.yaml:3: access.bans.never[0]: \"203.0.113.1/24\" has bits set behind its prefix (did you mean 203.0.113.0/24?)", Assert.Single(problems.All).ToString());
    }
}
