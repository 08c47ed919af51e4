using System.Net;
using Edge.Names;
using Edge.Settings;

namespace Edge.Tests.Names;

/// <summary>The keys of "dns" and "views" that say how DNS may be asked.</summary>
public sealed class TransportOptionsTests
{
    private static EdgeOptions Read(string yaml, out string[] problems)
    {
        var found = new ProblemList();
        var options = EdgeOptionsFile.Parse(yaml, "edge.yaml", found);
        problems = [.. found.All.Select(problem => problem.ToString())];
        return options;
    }

    [Fact]
    public void Everything_said()
    {
        var options = Read("""
            dns:
              tls-listen: [0.0.0.0, "[::1]:8853"]
              quic-listen: 0.0.0.0
              https: false
              nsid: box
              cookies: required
              ecs-trusted: [192.0.2.53, "2001:db8::/32"]
              rate-limit:
                answers: 7
                others: 0
                slip: 1
                exempt: [10.0.0.0/8]
            """, out var problems);
        var transports = options.Dns.Transports;
        Assert.Empty(problems);
        Assert.Equal("0.0.0.0:853 [::1]:8853", string.Join(' ', transports.Tls));
        Assert.Equal("0.0.0.0:853", string.Join(' ', transports.Quic));
        Assert.Equal((false, "box", "required"), (transports.Https, transports.Nsid, transports.Cookies));
        Assert.Equal("192.0.2.53/32 2001:db8::/32", string.Join(' ', transports.TrustedSubnetSources));
        Assert.Equal((7, 0, 1, "10.0.0.0/8"), (transports.RateLimit.Answers, transports.RateLimit.Others, transports.RateLimit.Slip, string.Join(' ', transports.RateLimit.Exempt)));
    }

    [Fact]
    public void Nothing_said()
    {
        var transports = Read("domain: example.com", out _).Dns.Transports;
        Assert.Equal((0, 0, true, "", "true"), (transports.Tls.Length, transports.Quic.Length, transports.Https, transports.Nsid, transports.Cookies));
        Assert.Empty(transports.TrustedSubnetSources);
        Assert.Equal("127.0.0.0/8 ::1/128", string.Join(' ', transports.RateLimit.Exempt));
    }

    [Theory]
    [InlineData("dns:\n  tls-listen: nowhere", "edge.yaml:2: dns.tls-listen: \"nowhere\" is not ADDRESS or ADDRESS:PORT")]
    [InlineData("dns:\n  cookies: perhaps", "edge.yaml:2: dns.cookies: \"perhaps\" is not one of true, false, required")]
    [InlineData("dns:\n  ecs-trusted: [10.0.0.0/33]", "edge.yaml:2: dns.ecs-trusted[0]: \"10.0.0.0/33\" is not an address or a network")]
    [InlineData("dns:\n  rate-limit:\n    answers: -1", "edge.yaml:3: dns.rate-limit.answers: \"-1\" is not a whole number from 0 to 60000")]
    [InlineData("dns:\n  rate-limit:\n    answer: 5", "edge.yaml:3: dns.rate-limit.answer: is not a known key")]
    [InlineData("views:\n  a:\n    asked-at: [x]", "edge.yaml:3: views.a.asked-at[0]: \"x\" is not an IP address")]
    [InlineData("views:\n  a:\n    asked-at: [10.0.0.1]\n  b:\n    asked-at: [10.0.0.1]", "10.0.0.1 is under asked-at of a and b")]
    [InlineData("views:\n  a:\n    recursion: true", "has no clients, so nobody would ever see it")]
    public void A_mistake_is_told_with_its_line(string yaml, string expected)
    {
        Read(yaml, out var problems);
        Assert.Contains(problems, problem => problem.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void A_name_of_this_server_that_is_too_long()
    {
        Read($"dns:\n  nsid: {new string('x', 129)}", out var problems);
        Assert.Contains("edge.yaml:2: dns.nsid: is longer than 128 bytes", problems.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_view_that_is_entered_by_its_address_does_not_recurse_unless_told()
    {
        var views = Read("views:\n  a:\n    asked-at: [10.0.0.1]\n  b:\n    asked-at: [10.0.0.2]\n    recursion: true\n  c:\n    clients: [10.0.0.0/8]", out var problems).Views;
        Assert.Empty(problems);
        Assert.Equal("a False, b True, c True", string.Join(", ", views.Where(view => view.Name.Length == 1).Select(view => $"{view.Name} {view.Recursion}")));
        Assert.Equal(IPAddress.Parse("10.0.0.1"), views.Single(view => view.Name == "a").AskedAt.Single());
    }

    [Theory]
    [InlineData("dns:\n  nsid: a", "dns:\n  nsid: b", "dns.nsid")]
    [InlineData("dns:\n  ecs-trusted: 10.0.0.1", "dns:\n  ecs-trusted: 10.0.0.2", "dns.ecs-trusted")]
    [InlineData("dns:\n  rate-limit:\n    slip: 1", "dns:\n  rate-limit:\n    slip: 2", "dns.rate-limit")]
    [InlineData("dns:\n  tls-listen: 127.0.0.1:1", "dns:\n  tls-listen: 127.0.0.1:2", "dns.tls-listen")]
    public void What_needs_a_restart_is_named(string running, string wanted, string key) =>
        Assert.Equal(key, RestartRequired.Between(Read(running, out _), Read(wanted, out _)).Single());
}
