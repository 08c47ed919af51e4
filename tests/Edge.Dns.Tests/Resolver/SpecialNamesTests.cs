using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Resolver;
using Edge.Dns.Wire;
using Xunit;
using static Edge.Dns.Tests.Resolver.ForwarderClient;

namespace Edge.Dns.Tests.Resolver;

/// <summary>Names that never leave the house, by the document that says so.</summary>
public sealed class SpecialNamesTests
{
    [Theory]
    [InlineData("RFC 6761 §6.3", "localhost", RecordType.A, Rcode.NoError, "127.0.0.1")]
    [InlineData("RFC 6761 §6.3", "LocalHost", RecordType.AAAA, Rcode.NoError, "::1")]
    [InlineData("RFC 6761 §6.3", "app.localhost", RecordType.A, Rcode.NoError, "127.0.0.1")]
    [InlineData("RFC 6761 §6.3", "app.localhost", RecordType.MX, Rcode.NoError, "")]
    [InlineData("RFC 6761 §6.4", "invalid", RecordType.A, Rcode.NxDomain, "")]
    [InlineData("RFC 6761 §6.4", "x.invalid", RecordType.A, Rcode.NxDomain, "")]
    [InlineData("RFC 6761 §6.2", "x.test", RecordType.TXT, Rcode.NxDomain, "")]
    [InlineData("RFC 6762 §22.1", "printer.local", RecordType.A, Rcode.NxDomain, "")]
    [InlineData("RFC 7686 §2", "abc.onion", RecordType.A, Rcode.NxDomain, "")]
    [InlineData("RFC 9476 §2", "x.alt", RecordType.A, Rcode.NxDomain, "")]
    [InlineData("RFC 8375 §4", "home.arpa", RecordType.A, Rcode.NoError, "")]
    [InlineData("RFC 8375 §4", "x.home.arpa", RecordType.A, Rcode.NxDomain, "")]
    [InlineData("RFC 8375 §4", "x.home.arpa", RecordType.DS, Rcode.NxDomain, "")]
    [InlineData("RFC 9665 §10.1", "default.service.arpa", RecordType.PTR, Rcode.NxDomain, "")]
    [InlineData("RFC 9462 §6.4", "_dns.resolver.arpa", RecordType.SVCB, Rcode.NoError, "")]
    [InlineData("RFC 9462 §6.4", "resolver.arpa", RecordType.A, Rcode.NoError, "")]
    [InlineData("RFC 9462 §6.4", "resolver.arpa", RecordType.DS, Rcode.NoError, "")]
    [InlineData("RFC 8880 §7.1", "ipv4only.arpa", RecordType.A, Rcode.NoError, "192.0.0.170 192.0.0.171")]
    [InlineData("RFC 8880 §7.1", "ipv4only.arpa", RecordType.AAAA, Rcode.NoError, "")]
    [InlineData("RFC 8880 §7.1", "x.ipv4only.arpa", RecordType.A, Rcode.NxDomain, "")]
    [InlineData("support.mozilla.org, canary domain", "use-application-dns.net", RecordType.A, Rcode.NxDomain, "")]
    [InlineData("RFC 6303 §4.1, §4.2", "10.in-addr.arpa", RecordType.SOA, Rcode.NoError, "soa")]
    [InlineData("RFC 6303 §4.1, §4.2", "10.in-addr.arpa", RecordType.NS, Rcode.NoError, "10.in-addr.arpa.")]
    [InlineData("RFC 6303 §4.1, §4.2", "10.in-addr.arpa", RecordType.PTR, Rcode.NoError, "")]
    [InlineData("RFC 6303 §4.1, §4.2", "4.3.2.10.in-addr.arpa", RecordType.PTR, Rcode.NxDomain, "")]
    [InlineData("RFC 6303 §4.1, §4.2", "1.0.16.172.in-addr.arpa", RecordType.PTR, Rcode.NxDomain, "")]
    [InlineData("RFC 6303 §4.1, §4.2", "1.0.31.172.in-addr.arpa", RecordType.PTR, Rcode.NxDomain, "")]
    [InlineData("RFC 6303 §4.1, §4.2", "1.1.168.192.in-addr.arpa", RecordType.PTR, Rcode.NxDomain, "")]
    [InlineData("RFC 6303 §4.1, §4.2", "1.1.254.169.in-addr.arpa", RecordType.PTR, Rcode.NxDomain, "")]
    [InlineData("RFC 6303 §4.1, §4.2", "1.2.0.192.in-addr.arpa", RecordType.PTR, Rcode.NxDomain, "")]
    [InlineData("RFC 6303 §4.1, §4.2", "255.255.255.255.in-addr.arpa", RecordType.PTR, Rcode.NoError, "")]
    [InlineData("RFC 6303 §4.1, §4.2", "1.0.0.127.in-addr.arpa", RecordType.PTR, Rcode.NoError, "localhost.")]
    [InlineData("RFC 7793 §2", "1.1.64.100.in-addr.arpa", RecordType.PTR, Rcode.NxDomain, "")]
    [InlineData("RFC 7793 §2", "1.1.127.100.in-addr.arpa", RecordType.PTR, Rcode.NxDomain, "")]
    [InlineData("RFC 6303 §4.3", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa", RecordType.PTR, Rcode.NoError, "localhost.")]
    [InlineData("RFC 6303 §4.4, §4.5, §4.6", "1.d.f.ip6.arpa", RecordType.PTR, Rcode.NxDomain, "")]
    [InlineData("RFC 6303 §4.4, §4.5, §4.6", "0.8.e.f.ip6.arpa", RecordType.PTR, Rcode.NxDomain, "")]
    [InlineData("RFC 6303 §4.4, §4.5, §4.6", "0.b.e.f.ip6.arpa", RecordType.PTR, Rcode.NxDomain, "")]
    [InlineData("RFC 6303 §4.4, §4.5, §4.6", "0.8.b.d.0.1.0.0.2.ip6.arpa", RecordType.PTR, Rcode.NxDomain, "")]
    public async Task Answered_here(string reference, string name, RecordType type, Rcode rcode, string data)
    {
        using var upstream = new FakeUpstream();
        using var forwarder = new Forwarder(Options(upstream.EndPoint));
        var answer = await forwarder.Ask(name, type);
        Assert.Equal(rcode, answer.Rcode);
        Assert.Equal(data, string.Join(' ', answer.Answer.Text().Select(t => t.Split(' ')[3])));
        Assert.Equal(data.Length == 0 ? 1 : 0, answer.Authority.Count(r => r.Type == RecordType.SOA && r.Ttl == 10800));
        Assert.Equal(reference, SpecialNames.Find(Name.Parse(name).Wire)!.Reference);
        Assert.Equal(0, upstream.UdpCount);
    }

    // RFC 6303 §4.1 to §4.6, as it lists them.
    [Theory]
    [InlineData("10 16.172 17.172 18.172 19.172 20.172 21.172 22.172 23.172 24.172 25.172 26.172 27.172 28.172 29.172 30.172 31.172 168.192", "in-addr.arpa")]
    [InlineData("0 127 254.169 2.0.192 100.51.198 113.0.203 255.255.255.255", "in-addr.arpa")]
    [InlineData("0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0 1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0", "ip6.arpa")]
    [InlineData("D.F 8.E.F 9.E.F A.E.F B.E.F 8.B.D.0.1.0.0.2", "ip6.arpa")]
    public async Task Every_zone_of_RFC_6303_is_empty_and_ours(string zones, string below)
    {
        using var upstream = new FakeUpstream();
        using var forwarder = new Forwarder(Options(upstream.EndPoint));
        foreach (var zone in zones.Split(' ').Select(zone => $"{zone}.{below}"))
        {
            var apex = await forwarder.Ask(zone, RecordType.SOA);
            Assert.Equal((Rcode.NoError, 1), (apex.Rcode, apex.Answer.Count(record => record.Type == RecordType.SOA)));
            Assert.Equal(Rcode.NxDomain, (await forwarder.Ask($"x.{zone}", RecordType.PTR)).Rcode);
        }

        Assert.Equal(0, upstream.UdpCount);
    }

    [Theory]
    [InlineData("1.0.15.172.in-addr.arpa", RecordType.PTR)]
    [InlineData("1.0.32.172.in-addr.arpa", RecordType.PTR)]
    [InlineData("1.1.63.100.in-addr.arpa", RecordType.PTR)]
    [InlineData("1.1.128.100.in-addr.arpa", RecordType.PTR)]
    [InlineData("110.in-addr.arpa", RecordType.PTR)]
    [InlineData("0.c.e.f.ip6.arpa", RecordType.PTR)]
    [InlineData("notlocalhost", RecordType.A)]
    [InlineData("local.example.org", RecordType.A)]
    [InlineData("arpa", RecordType.NS)]
    [InlineData("home.arpa", RecordType.DS)]
    [InlineData("service.arpa", RecordType.DS)]
    public async Task Asked_upstream(string name, RecordType type)
    {
        using var upstream = new FakeUpstream(q => FakeUpstream.Reply(q, [], ["arpa 60 SOA 60"]));
        using var forwarder = new Forwarder(Options(upstream.EndPoint));
        await forwarder.Ask(name, type);
        Assert.Equal(1, upstream.UdpCount);
    }

    [Fact]
    public async Task What_the_user_wants_forwarded_is_forwarded()
    {
        using var upstream = new FakeUpstream(q => FakeUpstream.Reply(q, [$"{q.Questions[0].Name} 60 PTR nas.lan"]));
        using var forwarder = new Forwarder(Options(upstream.EndPoint) with { ForwardedSpecialNames = [Name.Parse("168.192.in-addr.arpa")] });
        Assert.Equal("nas.lan.", (await forwarder.Ask("1.1.168.192.in-addr.arpa", RecordType.PTR)).Answer.Text()[0].Split(' ')[3]);
        Assert.Equal(Rcode.NxDomain, (await forwarder.Ask("1.1.16.172.in-addr.arpa", RecordType.PTR)).Rcode);
    }

    [Theory]
    [InlineData("A 192.168.1.1", true)]
    [InlineData("A 10.0.0.1", true)]
    [InlineData("A 127.0.0.1", true)]
    [InlineData("A 169.254.169.254", true)]
    [InlineData("A 172.31.0.1", true)]
    [InlineData("A 0.0.0.0", true)]
    [InlineData("A 172.32.0.1", false)]
    [InlineData("A 100.64.0.1", false)]
    [InlineData("A 198.51.100.7", false)]
    [InlineData("AAAA fd00::1", true)]
    [InlineData("AAAA fe80::1", true)]
    [InlineData("AAAA fec0::1", true)]
    [InlineData("AAAA 2002:c0a8:105::1", true)]
    [InlineData("AAAA 2002:c633:6401::1", false)]
    [InlineData("AAAA 64:ff9b:1::1", true)]
    [InlineData("AAAA ::1", true)]
    [InlineData("AAAA ::ffff:192.168.1.1", true)]
    [InlineData("AAAA 64:ff9b::c0a8:101", true)]
    [InlineData("AAAA 64:ff9b::c633:6407", false)]
    [InlineData("AAAA 2001:db8::1", false)]
    [InlineData("HTTPS 192.168.1.1", true)]
    [InlineData("HTTPS 198.51.100.7", false)]
    [InlineData("HTTPS fd00::1", true)]
    [InlineData("HTTPS ::ffff:10.0.0.1", true)]
    [InlineData("HTTPS 64:ff9b::a00:1", true)]
    [InlineData("HTTPS 2001:db8::1", false)]
    [InlineData("SVCB 10.0.0.1", true)]
    [InlineData("SVCB fe80::1", true)]
    [InlineData("SVCB 2001:db8::1", false)]
    public async Task Rebinding_a_public_name_has_no_private_address(string record, bool withheld)
    {
        var type = Enum.Parse<RecordType>(record.Split(' ')[0]);
        using var upstream = new FakeUpstream(q => FakeUpstream.Reply(q, [$"www.example.org 60 CNAME x.example.net", $"x.example.net 60 {record}"]));
        using var forwarder = new Forwarder(Options(upstream.EndPoint));
        var answer = await forwarder.Ask("www.example.org", type);
        Assert.Equal((Rcode.NoError, withheld ? 0 : 2), (answer.Rcode, answer.Answer.Count));
        Assert.Equal(withheld ? ExtendedErrorCode.Blocked : null, answer.ExtendedError()?.Code);

        foreach (var options in new[]
        {
            Options(upstream.EndPoint) with { RebindingProtection = false },
            Options(upstream.EndPoint) with { RebindingExceptions = [Name.Parse("example.org")] },
            Options(upstream.EndPoint) with { IsOurs = name => name.IsAtOrBelow(Name.Parse("example.org")) },
        })
        {
            using var open = new Forwarder(options);
            Assert.Equal(2, (await open.Ask("www.example.org", type)).Answer.Count);
        }
    }

    [Fact]
    public void Resolv_conf_names_the_upstreams_but_never_ourselves()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "# a comment\nnameserver 127.0.0.1\nnameserver\t9.9.9.9  # quad\nsearch lan\nnameserver nonsense\nnameserver 2620:fe::fe\noptions edns0\nnameserver 127.0.0.53\n");
            Assert.Equal(["127.0.0.1:53", "9.9.9.9:53", "[2620:fe::fe]:53", "127.0.0.53:53"], Read());
            Assert.Equal(["127.0.0.1:53", "9.9.9.9:53", "[2620:fe::fe]:53", "127.0.0.53:53"], Read("127.0.0.1:5300"));
            Assert.Equal(["9.9.9.9:53", "[2620:fe::fe]:53", "127.0.0.53:53"], Read("127.0.0.1:53"));
            Assert.Equal(["9.9.9.9:53", "[2620:fe::fe]:53"], Read("0.0.0.0:53"));
            Assert.Empty(ResolvConf.Read("/nonexistent", []));
        }
        finally
        {
            File.Delete(path);
        }

        string[] Read(params string[] own) => [.. ResolvConf.Read(path, [.. own.Select(IPEndPoint.Parse)]).Select(e => e.ToString())];
    }
}
