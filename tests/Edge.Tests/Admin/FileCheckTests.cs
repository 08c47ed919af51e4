using Edge.Admin;
using Edge.Dns.Files;
using Edge.Settings;
using Edge.Tests.Certificates;

namespace Edge.Tests.Admin;

/// <summary><c>edge check</c> says what settings do nothing, or harm.</summary>
public sealed class FileCheckTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("dns: {forward: {example.com: 192.0.2.1}}", "edge.yaml:2: dns.forward.example.com: is a zone of ours, which answers itself: nobody is asked")]
    [InlineData("dns: {forward: {corp.example.com: 192.0.2.1}}", "edge.yaml:2: dns.forward.corp.example.com: lies in example.com, a zone of ours")]
    [InlineData("dns: {forward: {a.example.net: 192.0.2.1}}", "edge.yaml:2: dns.forward.a.example.net: lies in example.net, a zone of ours")]
    [InlineData("dns: {upstreams: []}", "edge.yaml:2: dns.upstreams: is empty, so those of /etc/resolv.conf are asked")]
    [InlineData("dns: {resolve: recursive, upstreams: [9.9.9.9]}", "edge.yaml:2: dns.upstreams: are not used: resolve: recursive")]
    [InlineData("views: {public: {recursion: true}}", "edge.yaml:2: views.public.recursion: makes this an open resolver")]
    [InlineData("dns: {leases: [/tmp]}", "edge.yaml:2: dns.leases[0]: /tmp is a folder")]
    [InlineData("dns: {leases: [gone.leases]}", "edge.yaml:2: dns.leases[0]: gone.leases is not there; names come")]
    [InlineData("docker: {socket: /nowhere/docker.sock}", "edge.yaml:2: docker: /nowhere/docker.sock is not there; no container is served until it answers")]
    [InlineData("mdns: {interfaces: nosuch0}", "edge.yaml:2: mdns.interfaces: this machine has no interface nosuch0 (it has ")]
    [InlineData("outward:\n  a.example.org: {by: desec, token-file: gone}", "edge.yaml:3: outward.a.example.org: /")]
    [InlineData("outward:\n  a.example.org: {by: desec, token-file: empty}", "edge.yaml:3: outward.a.example.org: /", "empty is empty")]
    [InlineData("outward:\n  A.example.org.: {by: rfc2136, server: 192.0.2.1, key: k, secret-file: no-base64}", "edge.yaml:3: outward.a.example.org: /", "no-base64 does not hold a secret in base64")]
    [InlineData("outward:\n  a.example.net: {by: desec, token-file: token}", "edge.yaml:3: outward.a.example.net: lies in example.net, a zone of ours: who asks this Edge does not see")]
    [InlineData("outward:\n  a.example.com: {by: desec, token-file: token}", "edge.yaml:3: outward.a.example.com: lies in example.com, a zone of ours")]
    public void A_doubt_is_a_warning_with_its_place(string yaml, string expected, string beside = "")
    {
        Private("empty", "\n");
        Private("no-base64", "not base64!\n");
        Private("token", "abc\n");
        var report = Check(yaml);
        Assert.Empty(report.Errors);
        var warning = Assert.Single(report.Warnings);
        Assert.StartsWith(expected, warning, StringComparison.Ordinal);
        Assert.Contains(beside, warning, StringComparison.Ordinal);
    }

    private void Private(string file, string text) => DurableFile.Write(Path.Combine(_folder.Path, file), text);

    [Theory]
    [InlineData("dns: {forward: {corp.example: []}}", "edge.yaml:2: dns.forward.corp.example: has no server")]
    [InlineData("dns: {listen: ['127.0.0.1:5399'], upstreams: ['127.0.0.1:5399']}", "edge.yaml:2: dns.upstreams[0]: 127.0.0.1:5399 is Edge itself (dns.listen)")]
    [InlineData("dns: {listen: ['0.0.0.0:5399'], upstreams: ['127.0.0.53:5399']}", "edge.yaml:2: dns.upstreams[0]: 127.0.0.53:5399 is Edge itself")]
    [InlineData("dns: {listen: ['[::]:5399'], forward: {example.org: ['127.0.0.1:5399']}}", "edge.yaml:2: dns.forward.example.org[0]: 127.0.0.1:5399 is Edge itself")]
    [InlineData("acme-dns: auth.example.org", "edge.yaml:2: acme-dns: auth.example.org lies in no zone of this Edge")]
    [InlineData("views: {lan: {clients: [192.168.1.0/24]}, guests: {clients: [192.168.9.0/24, 192.168.1.0/24]}}", "edge.yaml:2: views.guests.clients[1]: 192.168.1.0/24 is among the clients of lan already (a network can be in one view only")]
    [InlineData("views: {a: {clients: [::ffff:192.0.2.1]}, b: {clients: [192.0.2.1]}}", "edge.yaml:2: views.b.clients[0]: 192.0.2.1/32 is among the clients of a already")]
    [InlineData("dns: {cache: 1000000GB}", "edge.yaml:2: dns.cache: is more than half of this machine's memory")]
    [InlineData("outward: {a.example.org: {by: dyndns2, url: 'https://h/u', user: u, password-file: token, only: ipv6, addresses: [192.0.2.1]}}", "edge.yaml:2: outward.a.example.org.addresses: has an address that \"only: ipv6\" leaves out")]
    [InlineData("outward: {a.example.org: {by: desec, token-file: token, only: ipv4, addresses: [192.0.2.1, '2001:db8::1']}}", "edge.yaml:2: outward.a.example.org.addresses: has an address that \"only: ipv4\" leaves out")]
    [InlineData("outward: {a.example.org: {by: desec, token-file: token, addresses: []}}", "edge.yaml:2: outward.a.example.org.addresses: is empty, so that the address is sent by which this box is reached")]
    [InlineData("port-mapping: {map: off, protocols: []}", "edge.yaml:2: port-mapping.protocols: is empty, so that all are spoken; leave it out for that")]
    [InlineData("port-mapping: {map: off, router: []}", "edge.yaml:2: port-mapping.router: is empty, so that the one is asked")]
    [InlineData("address-echo: {ports: []}", "edge.yaml:2: address-echo.ports: is empty, so that 443 and 8443 are tried")]
    [InlineData("docker: {socket: []}", "edge.yaml:2: docker.socket: is empty, so that /var/run/docker.sock is followed")]
    [InlineData("mdns: {adopt: [{}]}", "edge.yaml:2: mdns.adopt[0]: does not say which services")]
    [InlineData("mdns: {adopt: [printer.local, {as: ink, expose: everywhere}]}", "edge.yaml:2: mdns.adopt[1]: does not say which services")]
    public void What_nobody_can_want_is_a_mistake_with_its_place(string yaml, string expected) =>
        Assert.StartsWith(expected, Assert.Single(Check(yaml).Errors), StringComparison.Ordinal);

    [Theory]
    [InlineData("a: { to: 'tcp://192.0.2.1:22', listen: 2222 }\n  b: { to: 'tcp://192.0.2.2:22', listen: 2222 }", "proxy-routes/s.yaml:3: services.b.listen: 127.0.0.1:2222 is the port of a (proxy-routes/s.yaml:2) already")]
    [InlineData("a: { to: 'udp://192.0.2.1:53', listen: 5300 }", "proxy-routes/s.yaml:2: services.a.listen: 127.0.0.1:5300 is Edge's own (dns.listen)")]
    [InlineData("a: { to: 'tcp://192.0.2.1:443', listen: 8443 }", "proxy-routes/s.yaml:2: services.a.listen: 127.0.0.1:8443 is Edge's own (gateway.https)")]
    [InlineData("a: { to: 'tls://127.0.0.1:8443' }", "proxy-routes/s.yaml:2: services.a.to[0]: tls://127.0.0.1:8443 is Edge itself (127.0.0.1:8443), so connections would go in a circle")]
    [InlineData("a: { to: ['tcp://192.0.2.1:22', 'tcp://localhost:2222'], listen: 2222 }", "proxy-routes/s.yaml:2: services.a.to[1]: tcp://localhost:2222 is the port of the service a (proxy-routes/s.yaml:2), so connections would go in a circle")]
    [InlineData("a: { host: a.example.com, redirect: 'https://a.example.com:8443' }", "proxy-routes/s.yaml:2: services.a.redirect: sends https://a.example.com:8443/ to https://a.example.com:8443/, from where it goes on and on in a circle")]
    public void A_service_that_cannot_be_meant_is_a_mistake_with_its_place(string services, string expected)
    {
        var routes = Directory.CreateDirectory(Path.Combine(_folder.Path, "proxy-routes")).FullName;
        File.WriteAllText(Path.Combine(routes, "s.yaml"), $"services:\n  {services}\n");
        Assert.StartsWith(expected, Assert.Single(Check("").Errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dns: {forward: {corp.example: 192.0.2.1, org: 192.0.2.1}}")]
    [InlineData("dns: {listen: ['192.0.2.1:53'], upstreams: ['127.0.0.1:53', '192.0.2.1:54', 'tls://192.0.2.1']}")]
    [InlineData("dns: {listen: ['0.0.0.0:53'], upstreams: ['192.0.2.1:53', '[::1]:53']}")]
    [InlineData("dns: {resolve: recursive, cache: 4MB}")]
    [InlineData("views: {public: {recursion: false}}")]
    [InlineData("views: {a: {clients: [192.168.0.0/16]}, b: {clients: [192.168.1.0/24, 192.168.1.0/24]}}")]
    [InlineData("mdns: {adopt: [{instance: '*'}, {host: '*.local'}, {type: _http._tcp}, '*']}")]
    [InlineData("acme-dns: auth.example.net")]
    [InlineData("acme-dns: auth.example.com")]
    [InlineData("acme-dns: auth.example.org\ndns: {zones: {example.org: {primaries: [192.0.2.1]}}}")]
    public void What_is_well_is_not_mentioned(string yaml)
    {
        var report = Check(yaml);
        Assert.Empty(report.Errors);
        Assert.Empty(report.Warnings);
    }

    [Theory]
    [InlineData("zones/example.com.zone", "the zone file of example.com")]
    [InlineData("zones/lan/example.com.zone", "the zone file of example.com for the view lan")]
    [InlineData("zones/public/example.com.zone", null)]
    [InlineData("proxy-routes/tv.yaml", "service tv (proxy-routes/tv.yaml:2)")]
    public void Hosts_of_mdns_that_are_written_down_are_told(string file, string? who)
    {
        var path = Path.Combine(_folder.Path, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        const string Apex = "@ 3600 SOA ns.example.com. root.example.com. 1 7200 900 1209600 60\n@ 3600 NS ns.example.com.\nns 3600 A 192.0.2.1\n";
        if (file.Split('/').Length == 3)
        {
            File.WriteAllText(Path.Combine(Path.GetDirectoryName(path)!, "..", "example.com.zone"), Apex);
        }

        File.WriteAllText(path, file.EndsWith(".yaml", StringComparison.Ordinal) ? "services:\n  tv: { host: tv.example.com, to: 'http://192.0.2.7' }\n"
            : $"{(file.Split('/').Length == 2 ? Apex : "")}tv 3600 A 192.0.2.7\n");
        var report = Check("hosts: {tv: mdns, radio: mdns}");
        Assert.Empty(report.Errors);
        var told = report.Warnings.Where(warning => warning.Contains("hosts.", StringComparison.Ordinal));
        Assert.Equal(who is null ? [] : [$"edge.yaml:2: hosts.tv: has no effect, since {who} declares tv.example.com; take it out of one of them"], told);
    }

    [Theory]
    [InlineData("cam 3600 CNAME ns", true)]
    [InlineData("cam 3600 A 192.0.2.8", false)]
    public void An_end_of_an_address_at_an_alias_is_told(string record, bool isTold)
    {
        var zones = Directory.CreateDirectory(Path.Combine(_folder.Path, "zones")).FullName;
        File.WriteAllText(Path.Combine(zones, "example.com.zone"), $"@ 3600 SOA ns.example.com. root.example.com. 1 7200 900 1209600 60\n@ 3600 NS ns.example.com.\nns 3600 A 192.0.2.1\n{record}\n");
        var told = Check("hosts:\n  nas: \"::1\"\n  cam: \"::2\"").Warnings.Where(warning => warning.Contains("hosts.", StringComparison.Ordinal));
        Assert.Equal(isTold ? ["edge.yaml:4: hosts.cam: has no effect, since the zone file of example.com makes cam.example.com an alias (CNAME), beside which no address stands; take it out of one of them"] : [], told);
    }

    private FileCheckReport Check(string yaml)
    {
        var zones = Directory.CreateDirectory(Path.Combine(_folder.Path, "zones")).FullName;
        File.WriteAllText(Path.Combine(zones, "example.net.zone"), "@ 3600 SOA ns.example.com. root.example.com. 1 7200 900 1209600 60\n@ 3600 NS ns.example.com.\n");
        var problems = new ProblemList();
        var options = EdgeOptionsFile.Parse($"domain: example.com\n{yaml}", "edge.yaml", problems, _folder.Path) with { Folder = _folder.Path };
        return FileCheck.Of(options, problems);
    }
}
