using System.Text;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Dns.Zones.MasterFile;
using Xunit;

namespace Edge.Dns.Tests.Zones;

/// <summary>The rules of whole zones: what is added to a sound zone, and what is said about it. Line 5 is the first added.</summary>
public sealed class ZoneChecksTests
{
    private const string Sound = "$TTL 1h\n@ SOA ns1 hostmaster 1 1h 15m 2w 5m\n@ NS ns1\nns1 A 192.0.2.1\n";

    [Theory]
    [InlineData("a sound zone", "www A 192.0.2.1", "")]
    [InlineData("RFC 2181 §10.1: CNAME beside other data", "a CNAME ns1\na A 1.1.1.1", "5: a.example.com. has a CNAME beside other data: A in line 6")]
    [InlineData("RFC 2181 §10.1: CNAME at the apex", "@ CNAME x.example.net.", "5: example.com. has a CNAME beside other data: SOA in line 2")]
    [InlineData("RFC 2181 §10.1: two CNAMEs", "a CNAME ns1\na CNAME @", "6: a.example.com. has more than one CNAME; the first is in line 5")]
    [InlineData("DNSSEC may stand beside a CNAME", "a CNAME ns1\na NSEC ns1 CNAME NSEC", "")]
    [InlineData("RFC 6672 §2.4: two DNAMEs", "a DNAME x.\na DNAME y.", "6: a.example.com. has more than one DNAME; the first is in line 5")]
    [InlineData("RFC 6672 §2.4: below a DNAME", "a DNAME x.\nb.a A 1.1.1.1\nc.b.a A 1.1.1.1", "6: b.a.example.com. lies below the DNAME at a.example.com. and can never be answered|7: c.b.a.example.com. lies below the DNAME at a.example.com. and can never be answered")]
    [InlineData("RFC 6672 §2.3: a DNAME beside other data is fine", "a DNAME x.\na TXT x", "")]
    [InlineData("outside of the zone", "www.example.net. A 1.1.1.1", "5: www.example.net. is outside of the zone example.com.")]
    [InlineData("RFC 1035 §5.2: a second SOA", "@ SOA ns1 other 1 1h 15m 2w 5m", "5: a second SOA record; the first is in line 2")]
    [InlineData("a SOA below the apex", "a SOA ns1 hostmaster 1 1h 15m 2w 5m", "5: a SOA record at a.example.com.; the zone begins at example.com.")]
    [InlineData("ALIAS beside what is not an address", "@ ALIAS ns1\n@ TXT x\na ALIAS x.test.\n*.b ALIAS ns1", "")]
    [InlineData("ALIAS beside addresses", "@ ALIAS ns1\n@ A 1.1.1.1\n@ AAAA ::1", "6: example.com. has A beside its ALIAS in line 5|7: example.com. has AAAA beside its ALIAS in line 5")]
    [InlineData("ALIAS beside a CNAME", "a ALIAS ns1\na CNAME ns1", "6: a.example.com. has a CNAME beside other data: ALIAS in line 5")]
    [InlineData("two of ALIAS", "a ALIAS ns1\na ALIAS x.test.", "6: a.example.com. has more than one ALIAS; the first is in line 5")]
    [InlineData("an ALIAS of itself", "a ALIAS A", "5: the ALIAS of a.example.com. leads to itself")]
    [InlineData("RFC 4592 §4.2: wildcard NS", "*.a NS ns1", "5: a wildcard cannot be delegated (*.a.example.com.)")]
    public void Errors(string rule, string added, string problems) => Expect(rule, Sound + added, ZoneProblemSeverity.Error, problems);

    [Theory]
    [InlineData("no SOA", "$TTL 1h\n@ NS ns1\nns1 A 192.0.2.1", "0: example.com. has no SOA record")]
    [InlineData("no NS", "$TTL 1h\n@ SOA ns1 hostmaster 1 1h 15m 2w 5m", "0: example.com. has no NS record")]
    [InlineData("an empty file", "", "0: example.com. has no SOA record|0: example.com. has no NS record")]
    public void Whole_zones(string rule, string zone, string problems) => Expect(rule, zone, ZoneProblemSeverity.Error, problems);

    [Theory]
    [InlineData("a duplicate", "a A 1.1.1.1\na A 1.1.1.1", "6: this A record of a.example.com. was already given in line 5")]
    [InlineData("RFC 2181 §5.2: differing TTLs", "a 60 A 1.1.1.1\na 120 A 2.2.2.2", "6: the TTL 120 differs from 60 in line 5, at the same name and type")]
    [InlineData("MX at a name that is not there", "@ MX 1 mail", "5: MX points at mail.example.com., which has no address in this zone")]
    [InlineData("MX at an alias", "@ MX 1 mail\nmail CNAME ns1", "5: MX points at mail.example.com., which is a CNAME")]
    [InlineData("MX at a name that has an ALIAS", "@ MX 1 mail\nmail ALIAS x.test.", "")]
    [InlineData("MX that a wildcard answers", "@ MX 1 mail.x\n*.x A 1.1.1.1", "")]
    [InlineData("MX that a wildcard alias answers", "@ MX 1 mail.x\n*.x CNAME ns1", "5: MX points at mail.x.example.com., which is a CNAME")]
    [InlineData("RFC 4592 §2.2.2: an empty non-terminal is no target", "@ MX 1 x\na.x A 1.1.1.1\n* A 1.1.1.1", "5: MX points at x.example.com., which has no address in this zone")]
    [InlineData("RFC 7505: no mail at all", "@ MX 0 .", "")]
    [InlineData("a target elsewhere is not ours to judge", "@ MX 1 mail.example.net.", "")]
    [InlineData("SRV at nothing", "_a._tcp SRV 0 0 1 x", "5: SRV points at x.example.com., which has no address in this zone")]
    [InlineData("NS at nothing", "@ NS ns2", "5: NS points at ns2.example.com., which has no address in this zone")]
    [InlineData("a delegation without glue", "sub NS ns.sub", "5: the delegation of sub.example.com. needs the address of ns.sub.example.com.")]
    [InlineData("a delegation with glue", "sub NS ns.sub\nns.sub A 1.1.1.1", "")]
    [InlineData("below a delegation", "sub NS ns1\na.sub TXT x", "6: a.sub.example.com. TXT lies below the delegation of sub.example.com. and is never answered from here")]
    [InlineData("at a delegation", "sub NS ns1\nsub TXT x", "6: sub.example.com. is delegated, its TXT is never answered from here")]
    [InlineData("DS without a delegation", "sub DS 1 13 1 0123456789012345678901234567890123456789", "5: sub.example.com. has DS but is not delegated")]
    [InlineData("RFC 9460 §2.4.1: alias and service", "a HTTPS 0 x.\na HTTPS 1 . alpn=h2", "5: HTTPS with priority 0 (AliasMode) beside others; clients ignore the others")]
    [InlineData("RFC 4034 §3: signatures have the TTLs of what they cover; one warning in all",
        "a A 1.1.1.1\na RRSIG A 13 3 3600 20260201000000 20260101000000 1 @ AAAA\na 60 RRSIG NSEC 13 3 60 20260201000000 20260101000000 1 @ AAAA\na 60 NSEC ns1 A RRSIG NSEC",
        "6: example.com. is signed (RRSIG): its signatures are served, and hold only as long as nothing but this file says what is in the zone")]
    [InlineData("an unsigned zone may have DNSSEC's keys and hashes", "@ DNSKEY 257 3 13 AAAA\nsub NS ns1\nsub DS 1 13 1 0123456789012345678901234567890123456789", "")]
    public void Warnings(string rule, string added, string problems) => Expect(rule, Sound + added, ZoneProblemSeverity.Warning, problems);

    [Theory]
    [InlineData("ns1 hostmaster 1 15m 1h 2w 5m", "2: the retry time 3600 is not shorter than the refresh time 900")]
    [InlineData("ns1 hostmaster 1 1h 15m 1h 5m", "2: the expire time 3600 is shorter than refresh and retry together")]
    [InlineData("ns1 hostmaster 1 1h 15m 2w 2d", "2: names that do not exist would be remembered for 172800 seconds")]
    [InlineData("ns1 hostmaster@example.com. 1 1h 15m 2w 5m", "2: the mailbox hostmaster\\@example.com. has an @")]
    public void Timers(string soa, string problem) => Expect(soa, $"$TTL 1h\n@ SOA {soa}\n@ NS ns1\nns1 A 192.0.2.1", ZoneProblemSeverity.Warning, problem);

    private static void Expect(string rule, string text, ZoneProblemSeverity severity, string problems)
    {
        var origin = Name.Parse("example.com.");
        var parsed = ZoneFileParser.Parse("z", Encoding.UTF8.GetBytes(text), origin);
        Assert.Empty(parsed.Problems);
        var found = ZoneChecks.Check(origin, parsed.Records, "z", complete: true).Where(problem => problem.Severity == severity);
        Assert.Equal((rule, problems), (rule, string.Join('|', found.Select(problem => $"{problem.Line}: {problem.Message}"))));
    }
}
