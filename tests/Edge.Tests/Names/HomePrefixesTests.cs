using System.Collections.Immutable;
using System.Net;
using Edge.Names;
using Edge.Settings;
using Edge.Tests.Certificates;
using Microsoft.Extensions.Time.Testing;

namespace Edge.Tests.Names;

/// <summary>AAAA ::1234 under a prefix that changes.</summary>
public sealed class HomePrefixesTests
{
    // As the kernel writes it: address, interface, prefix length, scope, flags, name.
    private const string Lan = "20010db8000100020000000000000001 02 40 00 80 eth0\n";
    private const string Temporary = "20010db8000100025c3a000000000001 02 40 00 01 eth0\n";
    private const string Other = "20010db8000900090000000000000001 02 40 00 80 eth0\n";
    private const string Wan = "20010db8007700770000000000000001 03 40 00 80 ppp0\n";
    private const string Local = "fe800000000000000000000000000001 02 40 20 80 eth0\n00000000000000000000000000000001 01 80 10 80 lo\nfd770077000000000000000000000001 02 40 00 80 eth0\n";

    [Theory]
    [InlineData("", Lan + Local, "2001:db8:1:2::/64")]
    [InlineData("", Lan + Temporary, "2001:db8:1:2::/64")]
    [InlineData("", Lan + Wan, "2001:db8:1:2::/64 2001:db8:77:77::/64")]
    [InlineData("ipv6-prefix: auto", Lan, "2001:db8:1:2::/64")]
    [InlineData("ipv6-prefix: eth0", Lan + Wan, "2001:db8:1:2::/64")]
    [InlineData("ipv6-prefix: ppp0", Lan + Wan, "2001:db8:77:77::/64")]
    [InlineData("ipv6-prefix: \"2001:db8:5:6::/64\"", Lan, "2001:db8:5:6::/64")]
    [InlineData("", Local, "")]
    [InlineData("", "", "")]
    [InlineData("", Lan + "20010db8000900090000000000000001 02 40 00 a0 eth0\n", "2001:db8:1:2::/64")]
    [InlineData("", Lan + "20010db8000900090000000000000001 02 40 00 c0 eth0\n", "2001:db8:1:2::/64")]
    [InlineData("", "20010db8000900090000000000000001 02 40 00 a0 eth0\n", "")] // deprecated
    [InlineData("", "20010db8000900090000000000000001 02 40 00 c0 eth0\n", "")] // tentative
    [InlineData("", "20010db8000900090000000000000001 02 40 00 88 eth0\n", "")] // a duplicate
    public void The_prefix(string yaml, string kernel, string expected) =>
        Assert.Equal(expected, string.Join(' ', Options(yaml).Current(() => InterfaceAddress.Parse(kernel))));

    [Theory]
    [InlineData("hosts: {nas2: \"::1234\"}", "")]
    [InlineData("hosts: {nas2: \"::a:b:c:d\", tv: mdns}", "")]
    [InlineData("hosts: {nas2: {suffix: \"::1234\", expose: everywhere}}", "")]
    [InlineData("hosts: {nas2: \"::a:a:b:c:d\"}", "hosts.nas2: \"::a:a:b:c:d\" is not the end of an IPv6 address")]
    [InlineData("hosts: {nas: \"::1234\"}", "is this box itself")]
    [InlineData("hosts: {nas2: {suffix: \"::1234\", expose: nowhere}}", "\"nowhere\" is not one of lan, everywhere")]
    [InlineData("ipv6-prefix: \"2001:db8::1::/64\"", "is not an IPv6 prefix")]
    [InlineData("hosts: {nas2: 192.168.1.1}", "is not known here")]
    public void Settings(string yaml, string problem)
    {
        var problems = new ProblemList();
        EdgeOptionsFile.Parse($"domain: example.com\nnode: nas\n{yaml}\n", "edge.yaml", problems);
        if (problem.Length == 0)
        {
            Assert.Empty(problems.All);
            return;
        }

        Assert.Contains(problem, Assert.Single(problems.All).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void All_addresses_follow_and_the_old_prefix_is_not_answered()
    {
        var (time, kernel, moved) = (new FakeTimeProvider(), Lan, 0);
        using var prefixes = new HomePrefixes(() => InterfaceAddress.Parse(kernel), time, new LogLines());
        var options = Options("hosts: {nas2: \"::1234\", cam: {suffix: \"::a:b:c:d\", expose: everywhere}}");
        ImmutableArray<ViewOptions> views = [new ViewOptions("lan", [], [IPAddress.Parse("192.168.1.10"), IPAddress.Parse("::10")], true)];
        prefixes.Use(options, views);
        prefixes.Moved += () => moved++;
        string Seen() => string.Join('|', prefixes.Current.Overlay.Select(one => $"{one.View ?? "all"} {one.Record.Owner.ToHostString()} {new IPAddress(one.Record.Data.Wire)}"))
            + "|" + string.Join(',', ViewAddresses.Resolve(views, () => [], [], prefixes.Prefixes).Single().Addresses);

        Assert.Equal("lan nas2.example.com 2001:db8:1:2::1234|all cam.example.com 2001:db8:1:2:a:b:c:d|192.168.1.10,2001:db8:1:2::10", Seen());
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(0, moved);

        // The router withdraws the old prefix: its addresses live on, deprecated.
        kernel = Lan.Replace(" 80 eth0", " a0 eth0", StringComparison.Ordinal) + Other;
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("lan nas2.example.com 2001:db8:9:9::1234|all cam.example.com 2001:db8:9:9:a:b:c:d|192.168.1.10,2001:db8:9:9::10", Seen());
        Assert.Equal(1, moved);
        kernel = "";
        prefixes.Look();
        Assert.Equal("|192.168.1.10", Seen());
    }

    [Theory]
    [InlineData("198.51.100.7", Lan + Temporary, "198.51.100.7 2001:db8:1:2::1")]
    [InlineData("198.51.100.7", Temporary + Local, "198.51.100.7")]
    [InlineData("198.51.100.7 2001:db8::99", Lan, "198.51.100.7 2001:db8::99")]
    [InlineData("", Lan, "2001:db8:1:2::1")]
    [InlineData("198.51.100.7", Lan, "198.51.100.7", true)]
    [InlineData("198.51.100.7 2001:db8::99", Lan, "198.51.100.7 2001:db8::99", true)] // which is to be published always
    public void What_others_are_told(string found, string kernel, string expected, bool isClosed = false) => Assert.Equal(
        expected,
        string.Join(' ', OutwardAddresses.Of([.. found.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(IPAddress.Parse)], () => InterfaceAddress.Parse(kernel), isClosed).Select(address => address.ToString())));

    private static PrefixOptions Options(string yaml)
    {
        var problems = new ProblemList();
        var options = EdgeOptionsFile.Parse($"domain: example.com\nnode: nas\n{yaml}\n", "edge.yaml", problems).Prefix;
        Assert.Empty(problems.All);
        return options;
    }
}
