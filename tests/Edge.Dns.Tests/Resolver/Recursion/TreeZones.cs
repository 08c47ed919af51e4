namespace Edge.Dns.Tests.Resolver.Recursion;

/// <summary>The zones of the private tree, good and odd ones.</summary>
internal static class TreeZones
{
    public const string Root = """
        @ SOA a.root-servers.net. nobody. 1 1800 900 604800 86400
        @ NS a.root-servers.net.
        a.root-servers.net. A 198.41.0.4
        a.root-servers.net. AAAA 2001:503:ba3e::2:30
        com NS a.gtld-servers.net.
        net NS a.gtld-servers.net.
        a.gtld-servers.net. A 192.5.6.30
        a.gtld-servers.net. AAAA 2001:503:a83e::2:30
        org NS a0.org.
        a0.org. A 199.19.56.1
        a0.org. AAAA 2001:500:e::1
        """;

    public static readonly string Com = """
        @ SOA a.gtld-servers.net. host 1 1800 900 604800 900
        @ NS a.gtld-servers.net.
        example NS ns1.example
        example NS ns2.example
        ns1.example A 203.0.113.10
        ns1.example AAAA 2001:db8::10
        ns2.example A 203.0.113.30
        ns2.example AAAA 2001:db8::30
        glueless NS ns.example.org.
        lame NS ns1.lame
        lame NS ns2.lame
        ns1.lame A 203.0.113.30
        ns2.lame A 203.0.113.10
        mismatch NS ns1.mismatch
        mismatch NS ns2.mismatch
        ns1.mismatch A 203.0.113.20
        ns2.mismatch A 203.0.113.10
        silent NS ns1.silent
        silent NS ns2.silent
        ns1.silent A 203.0.113.77
        ns2.silent A 203.0.113.30
        dead NS ns.dead
        ns.dead A 203.0.113.77
        liar NS ns.liar
        ns.liar A 203.0.113.66
        loop NS ns.loop.net.
        noglue NS ns.noglue
        inside NS ns.inside
        ns.inside A 127.0.0.1
        nxns NS n0.victim.net.

        """ + string.Join('\n', Enumerable.Range(1, 99).Select(i => $"nxns NS n{i}.victim.net."));

    public const string Net = """
        @ SOA a.gtld-servers.net. host 1 1800 900 604800 900
        @ NS a.gtld-servers.net.
        a.gtld-servers A 192.5.6.30
        a.gtld-servers AAAA 2001:503:a83e::2:30
        loop NS ns.loop.com.
        victim NS ns.victim
        ns.victim A 203.0.113.20
        ns.victim AAAA 2001:db8::20
        """;

    public const string Org = """
        @ SOA a0 host 1 1800 900 604800 900
        @ NS a0
        a0 A 199.19.56.1
        a0 AAAA 2001:500:e::1
        example NS ns.example
        ns.example A 203.0.113.20
        ns.example AAAA 2001:db8::20
        signed NS ns.signed
        signed DS 1 13 2 0011223344556677889900112233445566778899001122334455667788990011
        ns.signed A 203.0.113.10
        ns.signed AAAA 2001:db8::10
        """;

    public static readonly string ExampleCom = """
        @ SOA ns1 host 1 1800 900 604800 300
        @ NS ns1
        @ NS ns2
        @ MX 10 mail.example.org.
        @ TXT "v=spf1 -all"
        ns1 A 203.0.113.10
        ns1 AAAA 2001:db8::10
        ns2 A 203.0.113.30
        ns2 AAAA 2001:db8::30
        www A 203.0.113.80
        www AAAA 2001:db8::80
        a.b.c.d A 203.0.113.81
        *.wild TXT "wild"
        *.wildalias CNAME www
        alias CNAME www
        gone CNAME nothing
        out CNAME www.example.org.
        outgone CNAME nothing.example.org.
        twice CNAME back.example.org.
        old DNAME example.org.
        down CNAME www.sub
        circle CNAME circle2
        circle2 CNAME circle
        far CNAME circle.example.org.
        _sip._tcp SRV 1 2 5060 www
        sub NS ns.sub
        ns.sub A 203.0.113.30
        ns.sub AAAA 2001:db8::30

        """ + string.Join('\n', Enumerable.Range(0, 40).Select(i => $"big TXT \"string {i} {new string('x', 80)}\""));

    public const string SubExampleCom = """
        @ SOA ns host 1 1800 900 604800 300
        @ NS ns
        ns A 203.0.113.30
        ns AAAA 2001:db8::30
        www A 203.0.113.82
        """;

    public const string ExampleOrg = """
        @ SOA ns host 1 1800 900 604800 300
        @ NS ns
        ns A 203.0.113.20
        ns AAAA 2001:db8::20
        www A 203.0.113.90
        mail A 203.0.113.91
        back CNAME www.example.com.
        circle CNAME far.example.com.
        """;

    public const string SignedOrg = """
        @ SOA ns host 1 1800 900 604800 300
        @ NS ns
        ns A 203.0.113.10
        ns AAAA 2001:db8::10
        www A 203.0.113.92
        *.wild A 203.0.113.93
        alias CNAME www
        """;

    public const string GluelessCom = """
        @ SOA ns.example.org. host 1 1800 900 604800 300
        @ NS ns.example.org.
        www A 203.0.113.94
        """;

    public const string LameCom = """
        @ SOA ns2 host 1 1800 900 604800 300
        @ NS ns1
        @ NS ns2
        ns1 A 203.0.113.30
        ns2 A 203.0.113.10
        www A 203.0.113.95
        """;

    public const string MismatchCom = """
        @ SOA ns1 host 1 1800 900 604800 300
        @ NS ns1
        @ NS ns2
        ns1 A 203.0.113.10
        ns2 A 203.0.113.10
        www A 203.0.113.96
        """;

    public const string SilentCom = """
        @ SOA ns2 host 1 1800 900 604800 300
        @ NS ns1
        @ NS ns2
        ns1 A 203.0.113.77
        ns2 A 203.0.113.30
        www A 203.0.113.97
        """;

    public const string VictimNet = """
        @ SOA ns host 1 1800 900 604800 300
        @ NS ns
        ns A 203.0.113.20
        ns AAAA 2001:db8::20
        """;
}
