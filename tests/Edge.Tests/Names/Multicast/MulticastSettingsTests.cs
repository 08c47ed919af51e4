using Edge.Names.Multicast;
using Edge.Settings;

namespace Edge.Tests.Names.Multicast;

/// <summary>The sections "mdns" and "hosts".</summary>
public sealed class MulticastSettingsTests
{
    [Fact]
    public void Without_a_word_services_are_told_of_and_nothing_is_looked_for()
    {
        var (options, problems) = Read("");
        Assert.Empty(problems);
        Assert.Equal(new MulticastOptions { Publish = true, Asks = true }, options.Multicast);
        Assert.Empty(options.Hosts);
    }

    [Fact]
    public void A_host_is_its_own_name_or_another_in_mdns()
    {
        var (options, problems) = Read("hosts: {nas2: mdns, TV.lab.example.com: {mdns: Living-Room}, pi.example.com.: {mdns: raspberrypi.local}}");
        Assert.Empty(problems);
        Assert.Equal(
            ["nas2.example.com. nas2.local.", "TV.lab.example.com. Living-Room.local.", "pi.example.com. raspberrypi.local."],
            options.Hosts.Select(host => $"{host.Owner} {host.Local}"));
    }

    [Theory]
    [InlineData("mdns: off", false, false, "", "")]
    [InlineData("mdns: on", true, true, "", "")]
    [InlineData("mdns: {publish: false}", false, true, "", "")]
    [InlineData("mdns: {interfaces: eth0}", true, true, "eth0", "")]
    [InlineData("mdns: {interfaces: [eth0, docker0, eth0]}", true, true, "eth0 docker0", "")]
    [InlineData("mdns: {browse: on}", true, true, "", "_http._tcp _https._tcp")]
    [InlineData("mdns: {browse: off}", true, true, "", "")]
    [InlineData("mdns: {browse: _Printer._sub._http._tcp}", true, true, "", "_printer._sub._http._tcp")]
    [InlineData("mdns: {browse: [_IPP._tcp, _x-y._udp]}", true, true, "", "_ipp._tcp _x-y._udp")]
    public void What_can_be_said_of_mdns(string yaml, bool publish, bool asks, string interfaces, string browse)
    {
        var (options, problems) = Read(yaml);
        Assert.Empty(problems);
        Assert.Equal(
            (publish, asks, interfaces, browse),
            (options.Multicast.Publish, options.Multicast.Asks, string.Join(' ', options.Multicast.Interfaces), string.Join(' ', options.Multicast.Browse)));
    }

    [Theory]
    [InlineData("hosts: {tv: 192.168.1.5}", "edge.yaml:3: hosts.tv: \"192.168.1.5\" is not known here (tv: mdns takes the addresses of tv.local, tv: \"::1234\" the IPv6 prefix of this home; an address of its own belongs into a zone file)")]
    [InlineData("hosts: {tv: [mdns]}", "hosts.tv: is a list")]
    [InlineData("hosts: {tv: {mdn: x}}", "did you mean \"mdns\"?")]
    [InlineData("hosts: {tv: {mdns: a.b.local}}", "edge.yaml:3: hosts.tv.mdns: \"a.b.local\" is not the name of a host in mDNS (one label, such as living-room-tv or living-room-tv.local)")]
    [InlineData("hosts: {nas: mdns}", "hosts.nas: is this box itself, whose addresses Edge knows")]
    [InlineData("hosts: {tv.example.org.: mdns}", "is not a name below example.com")]
    [InlineData("hosts: {tv.example.org: mdns}", "edge.yaml:3: hosts.tv.example.org: is not a name below example.com (a name with dots in it is a whole one: say tv, or tv.example.com)")]
    [InlineData("hosts: {tv.local: mdns}", "is not a name below example.com (a name with dots in it is a whole one: say tv, or tv.example.com)")]
    [InlineData("hosts: {example.com: mdns}", "is not a name below example.com")]
    [InlineData("hosts: {tv: mdns, tv.example.com: mdns}", "hosts: has tv.example.com twice")]
    [InlineData("mdns: {adopt: _ipp._tcp}", "mdns.adopt: \"_ipp._tcp\" is not a type that the gateway forwards (_http._tcp or _https._tcp;")]
    [InlineData("mdns: {adopt: [{instanc: x}]}", "did you mean \"instance\"?")]
    [InlineData("mdns: {adopt: [{type: _http._tcp, as: A b}]}", "mdns.adopt[0].as: \"A b\" is not a name for a service")]
    [InlineData("mdns: {adopt: [[x]]}", "mdns.adopt[0]: is a list (a type (_http._tcp)")]
    [InlineData("mdns: {browse: _x._sub._http}", "is not on, off or a type")]
    [InlineData("hosts: {t_v: mdns}", "hosts.t_v: \"t_v\" is not a host name")]
    [InlineData("hosts: {\"*\": mdns}", "is not a host name")]
    [InlineData("hosts: {tv: mdns, TV: mdns}", "hosts: has tv.example.com twice")]
    [InlineData("hosts: nas", "hosts: is")]
    [InlineData("mdns: maybe", "edge.yaml:3: mdns: is neither \"on\" nor \"off\" nor a mapping (known in it: publish, interfaces, browse, adopt, subtypes)")]
    [InlineData("mdns: {browse: http}", "mdns.browse: \"http\" is not on, off or a type of services such as _http._tcp")]
    [InlineData("mdns: {browse: [_http._sctp]}", "is not on, off or a type")]
    [InlineData("mdns: {subtypes: printer}", "mdns.subtypes: \"printer\" is not a subtype, such as _printer")]
    [InlineData("mdns: {interfaces: [averyveryverylongname]}", "is not the name of an interface")]
    [InlineData("mdns: {publsh: on}", "did you mean \"publish\"?")]
    public void A_mistake_is_told_with_its_line(string yaml, string expected) => Assert.Contains(Read(yaml).Problems, problem => problem.ToString().Contains(expected, StringComparison.Ordinal));

    [Theory]
    [InlineData("adopt: _http._tcp", "_http._tcp", "*", "*", "_http._tcp")]
    [InlineData("adopt: \"Printer*\"", "", "Printer*", "*", "_http._tcp _https._tcp")]
    [InlineData("adopt: [printer.local]", "", "*", "printer.local", "_http._tcp _https._tcp")]
    [InlineData("adopt: {type: _https._tcp, instance: \"Küche (2. OG)\", host: \"k*.local\"}", "_https._tcp", "Küche (2. OG)", "k*.local", "_https._tcp")]
    public void Rules_say_what_is_served_by_itself(string yaml, string type, string instance, string host, string types)
    {
        var (options, problems) = Read($"mdns: {{{yaml}}}");
        Assert.Empty(problems);
        var rule = Assert.Single(options.Multicast.Adopt);
        Assert.Equal((type, instance, host, types), (rule.Type ?? "", rule.Instance, rule.Host, string.Join(' ', options.Multicast.Types)));
    }

    [Fact]
    public void Hosts_without_mdns_are_a_contradiction() =>
        Assert.Contains("needs mDNS, which is off", Assert.Single(Read("mdns: off\nhosts: {tv: mdns}").Problems).ToString(), StringComparison.Ordinal);

    private static (EdgeOptions Options, IReadOnlyList<Problem> Problems) Read(string yaml)
    {
        var problems = new ProblemList();
        return (EdgeOptionsFile.Parse($"domain: example.com\nnode: nas\n{yaml}", "edge.yaml", problems, "/etc/edge"), problems.All);
    }
}
