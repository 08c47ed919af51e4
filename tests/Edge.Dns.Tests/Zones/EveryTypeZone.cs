namespace Edge.Dns.Tests.Zones;

/// <summary>One zone with every type that has a text form, in the spellings that people and tools use.</summary>
internal static class EveryTypeZone
{
    public const string Text = """
        $TTL 1h
        @ SOA ns1 host ( 2026010100 ; serial
                         1h 15m 2w 5m )
        @ NS ns1
        ns1 A 1.2.3.4
        ns1 AAAA ::ffff:1.2.3.4
          AAAA 2001:db8:0:1::
          AAAA 2001:DB8::1:0:0:1
          AAAA ::1
        txt TXT "a;b\"c\\d\200é@$(x)" plain\ x "" "tab	"
        caa CAA 128 issue "le.org; x=\"y\""
          CAA 0 iodef "mailto:a@b"
          CAA 0 issuewild ";"
        tlsa TLSA 3 1 1 abcdef0123456789abcdef0123456789 abcdef0123456789abcdef0123456789
        smimea SMIMEA 3 1 1 abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789
        sshfp SSHFP 4 2 abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789
        naptr NAPTR 100 10 "S" "SIP+D2U" "!^.*$!sip:info@example.com!" .
          NAPTR 100 20 s http "" _http._tcp
        uri URI 10 1 "ftp://a.b/c\"d"
        hinfo HINFO PC-1 "Li nux"
        rp RP a b
        afsdb AFSDB 1 a
        mx MX 10 mail
          MX 0 .
        srv SRV 1 2 443 ns1
        ptr PTR ns1
        cname CNAME ns1.example.net.
        sub NS ns.sub
        ns.sub A 5.6.7.8
        sub DS 12345 ECDSAP256SHA256 2 abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789
        dnskey DNSKEY 257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0d xCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==
        nsec NSEC z A MX TYPE1234 CAA
        rrsig RRSIG A 13 3 3600 20260201000000 20260101000000 12345 example.com. mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==
        nsec3p NSEC3PARAM 1 0 10 aabb
          NSEC3PARAM 1 0 10 -
        2t7b4g4vsa5smi47k61mv5bv1a22bojr NSEC3 1 1 12 aabbccdd ( 2vptu5timamqttgl4luu9kg21e0aor3s A RRSIG )
        pgp OPENPGPKEY mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==
        dhcp DHCID AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=
        cert CERT PKIX 1 ECDSAP256SHA256 aGVsbG8=
          CERT 65534 1 0 aGVsbG8=
          CERT URI 1 RSASHA1 aGVsbG8=
        eui EUI48 00-00-5E-00-53-2A
          EUI64 00-00-5e-ef-10-00-00-2a
        csync CSYNC 66 3 A NS AAAA
          CSYNC 66 3
        zonemd ZONEMD 1 1 1 abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789
        loc LOC 52 22 23.123 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
          LOC 42 21 54 N 71 06 18 W -24m 30m
          LOC 42 N 71 W 100000.55
        svc SVCB 1 . mandatory=port,alpn port=53 alpn="h2,h3-19" no-default-alpn ipv4hint=1.2.3.4,5.6.7.8 ipv6hint=2001:db8::1 ech=AEX+DQBBtgAgACDf key667="hel\210lo"
          SVCB 0 alias
          SVCB 2 a alpn="f\\\\oo\\,bar,h2"
          SVCB 16 foo.example.org. alpn=h2 mandatory=alpn
        https HTTPS 1 . alpn=h2,h3 ech="AEX+DQBBtgAgACDf"
        doh SVCB 1 . dohpath=/q{?dns}
        ohttp SVCB 1 . alpn=h2 ohttp
        gen TYPE1234 \# 3 abcdef
          CLASS1 0 A \# 4 01020304
        empty TYPE65280 \# 0
        cds CDS 0 0 0 00
        cdnskey CDNSKEY 0 3 0 AA==
        weird\.dot\@x A 1.2.3.4
        a\032b A 1.2.3.4
        a 2h IN A 9.9.9.9
        mx IN 1h30m A 9.9.9.9
        *.wild TXT "wild"
        dn DNAME x.example.org.
        """;
}
