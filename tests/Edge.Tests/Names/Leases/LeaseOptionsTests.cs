using Edge.Settings;

namespace Edge.Tests.Names.Leases;

/// <summary>The list "leases" of "dns".</summary>
public sealed class LeaseOptionsTests
{
    [Fact]
    public void A_file_is_said_by_its_path_or_with_all_that_can_be_said()
    {
        var (options, problems) = Read("leases: [/var/lib/misc/dnsmasq.leases, {file: kea-leases4.csv, format: kea, domain: lan.example.com}]");
        Assert.Empty(problems);
        Assert.Equal(
            ["/var/lib/misc/dnsmasq.leases  example.com.", "/etc/edge/kea-leases4.csv Kea lan.example.com."],
            options.Dns.Leases.Select(one => $"{one.Path} {one.Format} {one.Domain}"));
        Assert.Equal("kea-leases4.csv", options.Dns.Leases[1].ShownAs);
    }

    [Fact]
    public void One_file_alone_needs_no_list() =>
        Assert.Equal(["/var/lib/misc/dnsmasq.leases"], Read("leases: /var/lib/misc/dnsmasq.leases").Options.Dns.Leases.Select(one => one.Path));

    [Theory]
    [InlineData("leases: [{format: kea}]", "edge.yaml:3: dns.leases[0]: has no file")]
    [InlineData("leases: [{file: a, format: udhcpd}]", "edge.yaml:3: dns.leases[0].format: \"udhcpd\" is not one of dnsmasq, kea, isc")]
    [InlineData("leases: [{file: a, domain: a..b}]", "edge.yaml:3: dns.leases[0].domain: \"a..b\" is not a domain")]
    [InlineData("leases: [{file: a, domain: com}]", "edge.yaml:3: dns.leases[0].domain: \"com\" is a whole top-level domain, and all names in it would be taken from their owners (take lan.example.com, home.arpa or lan)")]
    [InlineData("leases: [{file: a, domain: TST.}]", "\"TST.\" is a whole top-level domain")]
    [InlineData("leases: [{file: a, domain: localhost}]", "\"localhost\" lies in localhost, which has a meaning of its own (RFC 6761 §6.3)")]
    [InlineData("leases: [{file: a, domain: home.local}]", "lies in local, which has a meaning of its own (RFC 6762 §22.1)")]
    [InlineData("leases: [{file: a, domain: onion}]", "lies in onion")]
    [InlineData("leases: [{file: a, domain: invalid}]", "lies in invalid")]
    [InlineData("leases: [{file: a, domain: test}]", "lies in test")]
    [InlineData("leases: [{file: a, domain: arpa}]", "lies in arpa, which is for the internet's own machinery")]
    [InlineData("leases: [{file: a, domain: in-addr.arpa}]", "lies in arpa")]
    [InlineData("leases: [a, ./a]", "edge.yaml:3: dns.leases[1]: ./a stands twice")]
    [InlineData("leases: [[a]]", "edge.yaml:3: dns.leases[0]: is a list")]
    [InlineData("leases: [{file: a, formt: kea}]", "did you mean \"format\"?")]
    public void A_mistake_is_told_with_its_line(string yaml, string expected) =>
        Assert.Contains(expected, Assert.Single(Read(yaml).Problems).ToString(), StringComparison.Ordinal);

    [Theory]
    [InlineData("lan")]
    [InlineData("home")]
    [InlineData("Internal")]
    [InlineData("home.arpa")]
    [InlineData("lan.home.arpa")]
    [InlineData("guests.example.com")]
    [InlineData("example.org")]
    public void Domains_that_can_be_ones_own_are_taken(string domain) => Assert.Empty(Read($"leases: [{{file: a, domain: {domain}}}]").Problems);

    private static (EdgeOptions Options, IReadOnlyList<Problem> Problems) Read(string yaml)
    {
        var problems = new ProblemList();
        return (EdgeOptionsFile.Parse($"domain: example.com\ndns:\n  {yaml}", "edge.yaml", problems, "/etc/edge"), problems.All);
    }
}
