using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Xunit;

namespace Edge.Dns.Tests.Update;

/// <summary>RFC 2136 §3, section by section: the code that comes back, and what the zone is afterwards.</summary>
public sealed class Rfc2136Tests
{
    /// <summary>§3.2: prerequisites.</summary>
    public static TheoryData<UpdateCase> Prerequisites =>
    [
        new UpdateCase("3.2.1 a set that is there", "prereq yxrrset www A", "delete only A") { Removed = ["only 300 A 192.0.2.9"] },
        new UpdateCase("3.2.1 a set that is not there", "prereq yxrrset www AAAA", "delete only A") { Rcode = Rcode.NxRrset },
        new UpdateCase("3.2.1 a set of a name that is not there", "prereq yxrrset none A", "delete only A") { Rcode = Rcode.NxRrset },
        new UpdateCase("3.2.2 a set that must not be there, and is not", "prereq nxrrset www AAAA", "delete only A") { Removed = ["only 300 A 192.0.2.9"] },
        new UpdateCase("3.2.2 a set that must not be there, and is", "prereq nxrrset www A", "delete only A") { Rcode = Rcode.YxRrset },
        new UpdateCase("3.2.3 a set with its whole data, in any order and any case", "prereq yxrrset WWW A 192.0.2.81", "prereq yxrrset www A 192.0.2.80", "delete only A") { Removed = ["only 300 A 192.0.2.9"] },
        new UpdateCase("3.2.3 a part of a set is not the set", "prereq yxrrset www A 192.0.2.81", "delete only A") { Rcode = Rcode.NxRrset },
        new UpdateCase("3.2.3 more than the set is not the set", "prereq yxrrset only A 192.0.2.9", "prereq yxrrset only A 192.0.2.10", "delete only A") { Rcode = Rcode.NxRrset },
        new UpdateCase("3.2.3 other data of the same length", "prereq yxrrset only A 192.0.2.90", "delete only A") { Rcode = Rcode.NxRrset },
        new UpdateCase("3.2.3 a name in the data is compared as a name", "prereq yxrrset alias CNAME WWW.Example.COM.", "delete only A") { Removed = ["only 300 A 192.0.2.9"] },
        new UpdateCase("3.2.3 the serial is the one served", "prereq yxrrset @ SOA ns1 hostmaster 10 7200 900 1209600 300", "delete only A") { Removed = ["only 300 A 192.0.2.9"] },
        new UpdateCase("3.2.3 another serial is another SOA", "prereq yxrrset @ SOA ns1 hostmaster 11 7200 900 1209600 300", "delete only A") { Rcode = Rcode.NxRrset },
        new UpdateCase("3.2.4 a name in use", "prereq yxdomain www", "delete only A") { Removed = ["only 300 A 192.0.2.9"] },
        new UpdateCase("3.2.4 a name not in use", "prereq yxdomain none", "delete only A") { Rcode = Rcode.NxDomain },
        new UpdateCase("3.2.4 an empty non-terminal is not in use", "prereq yxdomain ent", "delete only A") { Rcode = Rcode.NxDomain },
        new UpdateCase("3.2.4 a name that a wildcard stands for is not in use", "prereq yxdomain x.wild", "delete only A") { Rcode = Rcode.NxDomain },
        new UpdateCase("3.2.4 a name that must not be in use, and is not", "prereq nxdomain none", "add none 60 A 192.0.2.7") { Added = ["none 60 A 192.0.2.7"] },
        new UpdateCase("3.2.4 a name that must not be in use, and is", "prereq nxdomain www", "add none 60 A 192.0.2.7") { Rcode = Rcode.YxDomain },
        new UpdateCase("3.2.4 an empty non-terminal may be taken into use", "prereq nxdomain ent", "add ent 60 A 192.0.2.7") { Added = ["ent 60 A 192.0.2.7"] },
        new UpdateCase("3.2.5 all of several must hold", "prereq yxdomain www", "prereq nxdomain only", "delete only A") { Rcode = Rcode.YxDomain },
        new UpdateCase("3.2.5 a TTL is malformed", "raw prereq www A 255 1", "delete only A") { Rcode = Rcode.FormErr },
        new UpdateCase("3.2.5 outside of the zone", "prereq nxdomain www.example.net.", "delete only A") { Rcode = Rcode.NotZone },
        new UpdateCase("3.2.5 the TTL is looked at before the zone", "raw prereq www.example.net. A 255 1", "delete only A") { Rcode = Rcode.FormErr },
        new UpdateCase("3.2.5 ANY with data is malformed", "raw prereq www A 255 0 C0000250", "delete only A") { Rcode = Rcode.FormErr },
        new UpdateCase("3.2.5 NONE with data is malformed", "raw prereq www A 254 0 C0000250", "delete only A") { Rcode = Rcode.FormErr },
        new UpdateCase("3.2.5 another class is malformed", "raw prereq www A 3 0 C0000250", "delete only A") { Rcode = Rcode.FormErr },
        new UpdateCase("a prerequisite alone changes nothing", "prereq yxdomain www"),
        new UpdateCase("nothing at all changes nothing"),
    ];

    /// <summary>§3.4.1: the scan before the changes.</summary>
    public static TheoryData<UpdateCase> Prescan =>
    [
        new UpdateCase("outside of the zone", "delete only A", "add www.example.net. 60 A 192.0.2.7") { Rcode = Rcode.NotZone },
        new UpdateCase("a name that only ends like the zone", "add wwwexample.com. 60 A 192.0.2.7") { Rcode = Rcode.NotZone },
        new UpdateCase("ANY cannot be added", "delete only A", "raw update www ANY 1 60") { Rcode = Rcode.FormErr },
        new UpdateCase("AXFR cannot be added", "raw update www AXFR 1 60") { Rcode = Rcode.FormErr },
        new UpdateCase("MAILB cannot be added", "raw update www TYPE253 1 60") { Rcode = Rcode.FormErr },
        new UpdateCase("OPT cannot be added", "raw update www OPT 1 60") { Rcode = Rcode.FormErr },
        new UpdateCase("TSIG cannot be added", "raw update www TSIG 1 60") { Rcode = Rcode.FormErr },
        new UpdateCase("type 0 cannot be added", "raw update www TYPE0 1 60") { Rcode = Rcode.FormErr },
        new UpdateCase("deleting a set with a TTL", "raw update www A 255 60") { Rcode = Rcode.FormErr },
        new UpdateCase("deleting a set with data", "raw update www A 255 0 C0000250") { Rcode = Rcode.FormErr },
        new UpdateCase("deleting a set of type AXFR", "raw update www AXFR 255 0") { Rcode = Rcode.FormErr },
        new UpdateCase("deleting a record with a TTL", "raw update www A 254 60 C0000250") { Rcode = Rcode.FormErr },
        new UpdateCase("deleting a record of type ANY", "raw update www ANY 254 0") { Rcode = Rcode.FormErr },
        new UpdateCase("deleting a record of type IXFR", "raw update www IXFR 254 0") { Rcode = Rcode.FormErr },
        new UpdateCase("RFC 6672 §2.4: below a DNAME", "add x.moved 60 A 192.0.2.7") { Rcode = Rcode.Refused },
        new UpdateCase("RFC 6672 §2.4: far below a DNAME that comes with the same update", "add new 60 DNAME example.net.", "add x.y.new 60 A 192.0.2.7") { Rcode = Rcode.Refused },
        new UpdateCase("RFC 6672 §2.4: a DNAME above what is there", "add ent 60 DNAME example.net.") { Rcode = Rcode.Refused },
        new UpdateCase("a DNAME above what goes with the same update", "delete a.ent", "add ent 60 DNAME example.net.") { Removed = ["a.ent 300 A 192.0.2.10"], Added = ["ent 60 DNAME example.net."] },
        new UpdateCase("below a DNAME that goes with the same update", "delete moved", "add x.moved 60 A 192.0.2.7") { Removed = ["moved 300 DNAME example.net."], Added = ["x.moved 60 A 192.0.2.7"] },
        new UpdateCase("another class", "raw update www A 3 60 C0000250") { Rcode = Rcode.FormErr },
        new UpdateCase("an A with five bytes", "raw update www A 1 60 C000025001") { Rcode = Rcode.FormErr },
        new UpdateCase("an A without data", "raw update www A 1 60") { Rcode = Rcode.FormErr },
        new UpdateCase("a TXT whose string is longer than its data", "raw update www TXT 1 60 0541") { Rcode = Rcode.FormErr },
        new UpdateCase("one bad record spoils all", "add new 60 A 192.0.2.7", "delete only A", "raw update www A 255 60") { Rcode = Rcode.FormErr },
        new UpdateCase("an unknown type is data like any other", "add new 60 TYPE65280 \\# 3 0a0b0c") { Added = ["new 60 TYPE65280 \\# 3 0a0b0c"] },
        new UpdateCase("signatures are made here", "raw update www RRSIG 255 0") { Rcode = Rcode.Refused },
        new UpdateCase("a NSEC is made here", "add www 60 NSEC a A") { Rcode = Rcode.Refused },
        new UpdateCase("a wildcard is not delegated", "add *.w 60 NS ns1") { Rcode = Rcode.Refused },
        new UpdateCase("a wildcard is not redirected", "add *.w 60 DNAME example.net.") { Rcode = Rcode.Refused },
        new UpdateCase("a wildcard is a name like any other else", "add *.w 60 A 192.0.2.7") { Added = ["*.w 60 A 192.0.2.7"] },
    ];

    /// <summary>§3.4.2.2: additions.</summary>
    public static TheoryData<UpdateCase> Additions =>
    [
        new UpdateCase("a new name", "add new 60 A 192.0.2.7") { Added = ["new 60 A 192.0.2.7"] },
        new UpdateCase("one more record takes the TTL of the set along", "add only 60 A 192.0.2.7") { Added = ["only 60 A 192.0.2.7", "only 60 A 192.0.2.9"], Removed = ["only 300 A 192.0.2.9"] },
        new UpdateCase("a record that is there already", "add only 300 A 192.0.2.9"),
        new UpdateCase("a record that is there already gets its TTL", "add only 60 A 192.0.2.9") { Added = ["only 60 A 192.0.2.9"], Removed = ["only 300 A 192.0.2.9"] },
        new UpdateCase("a TTL with its top bit set is 0 (RFC 2181 8)", "add new 4294967295 A 192.0.2.7") { Added = ["new 0 A 192.0.2.7"] },
        new UpdateCase("a name in data that differs in case is the same record", "add @ 300 MX 10 WWW"),
        new UpdateCase("a CNAME beside other data is ignored", "add www 60 CNAME only"),
        new UpdateCase("other data beside a CNAME is ignored", "add alias 60 A 192.0.2.7"),
        new UpdateCase("a CNAME replaces the CNAME", "add alias 60 CNAME only") { Added = ["alias 60 CNAME only"], Removed = ["alias 300 CNAME www"] },
        new UpdateCase("a CNAME at a new name", "add new 60 CNAME www") { Added = ["new 60 CNAME www"] },
        new UpdateCase("a CNAME where the data goes in the same update", "delete only", "add only 60 CNAME www") { Added = ["only 60 CNAME www"], Removed = ["only 300 A 192.0.2.9"] },
        new UpdateCase("a CNAME at the apex is ignored", "add @ 60 CNAME www"),
        new UpdateCase("a DNAME replaces the DNAME (RFC 6672 2.4)", "add moved 60 DNAME example.org.") { Added = ["moved 60 DNAME example.org."], Removed = ["moved 300 DNAME example.net."] },
        new UpdateCase("a newer SOA", "add @ 300 SOA ns1 hostmaster 11 7200 900 1209600 300") { Added = ["@ 300 SOA ns1 hostmaster 11 7200 900 1209600 300"], Removed = ["@ 300 SOA ns1 hostmaster 10 7200 900 1209600 300"] },
        new UpdateCase("a SOA with the serial that is served", "add @ 60 SOA ns1 hostmaster 10 7200 900 1209600 300"),
        new UpdateCase("an older SOA", "add @ 60 SOA ns2 hostmaster 9 7200 900 1209600 300"),
        new UpdateCase("a SOA that is older on the circle of serials (RFC 1982)", "add @ 60 SOA ns2 hostmaster 4294967295 7200 900 1209600 300"),
        new UpdateCase("a SOA elsewhere is ignored", "add www 60 SOA ns2 hostmaster 99 7200 900 1209600 300"),
        new UpdateCase("glue below a delegation", "add ns.sub 300 A 192.0.2.54") { Added = ["ns.sub 300 A 192.0.2.54"] },
        new UpdateCase("a delegation", "add new 60 NS ns1") { Added = ["new 60 NS ns1"] },
        new UpdateCase("a WKS of the same address and protocol is replaced", "raw update new TYPE11 1 60 C00002010600", "raw update new TYPE11 1 60 C000020106FF") { Added = ["new 60 TYPE11 \\# 6 C000020106FF"] },
    ];

    /// <summary>§3.4.2.3 and §3.4.2.4: deletions.</summary>
    public static TheoryData<UpdateCase> Deletions =>
    [
        new UpdateCase("one record", "delete www A 192.0.2.80") { Removed = ["www 300 A 192.0.2.80"] },
        new UpdateCase("one record that is not there", "delete www A 192.0.2.99"),
        new UpdateCase("one record whose name differs in case", "delete @ MX 10 WWW.EXAMPLE.com.") { Removed = ["@ 300 MX 10 www"] },
        new UpdateCase("a set", "delete www A") { Removed = ["www 300 A 192.0.2.80", "www 300 A 192.0.2.81"] },
        new UpdateCase("a set that is not there", "delete www AAAA"),
        new UpdateCase("a name", "delete www") { Removed = ["www 300 A 192.0.2.80", "www 300 A 192.0.2.81", "www 300 TXT \"one\""] },
        new UpdateCase("a name that is not there", "delete none"),
        new UpdateCase("the apex keeps SOA and NS", "delete @") { Removed = ["@ 300 MX 10 www"] },
        new UpdateCase("the SOA stays", "delete @ SOA"),
        new UpdateCase("the NS of the apex stay", "delete @ NS"),
        new UpdateCase("a SOA record stays", "delete @ SOA ns1 hostmaster 10 7200 900 1209600 300"),
        new UpdateCase("one NS of the apex may go", "delete @ NS ns1") { Removed = ["@ 300 NS ns1"] },
        new UpdateCase("the last NS of the apex stays", "delete @ NS ns1", "delete @ NS ns2") { Removed = ["@ 300 NS ns1"] },
        new UpdateCase("but one that comes before may follow it", "add @ 300 NS ns3", "delete @ NS ns1", "delete @ NS ns2") { Added = ["@ 300 NS ns3"], Removed = ["@ 300 NS ns1", "@ 300 NS ns2"] },
        new UpdateCase("the last NS of a delegation goes", "delete sub NS ns.sub") { Removed = ["sub 300 NS ns.sub"] },
        new UpdateCase("a record given twice goes once", "delete only A 192.0.2.9", "delete only A 192.0.2.9") { Removed = ["only 300 A 192.0.2.9"] },
        new UpdateCase("added and deleted again", "add new 60 A 192.0.2.7", "delete new"),
        new UpdateCase("deleted and added again", "delete only", "add only 300 A 192.0.2.9"),
        new UpdateCase("replaced", "delete only A", "add only 300 A 192.0.2.7") { Added = ["only 300 A 192.0.2.7"], Removed = ["only 300 A 192.0.2.9"] },
    ];

    /// <summary>What gets its addresses from an ALIAS has no others, as in a zone file: they would be acknowledged and never answered.</summary>
    public static TheoryData<UpdateCase> Aliases =>
    [
        new UpdateCase("an address beside an ALIAS", "add cdn 60 A 192.0.2.7") { Rcode = Rcode.Refused },
        new UpdateCase("an ALIAS beside an address", "add only 60 ALIAS www") { Rcode = Rcode.Refused },
        new UpdateCase("a second ALIAS", "add cdn 60 ALIAS only") { Rcode = Rcode.Refused },
        new UpdateCase("an address in place of an ALIAS", "delete cdn ALIAS", "add cdn 60 A 192.0.2.7") { Removed = ["cdn 300 ALIAS www.example.com."], Added = ["cdn 60 A 192.0.2.7"] },
        new UpdateCase("something else beside an ALIAS", "add cdn 60 TXT \"x\"") { Added = ["cdn 60 TXT \"x\""] },
    ];

    [Theory]
    [MemberData(nameof(Aliases))]
    public void An_ALIAS_goes_with_no_addresses_of_its_own(UpdateCase @case) => Check(new UpdatedZone(UpdatedZone.Text + "\ncdn ALIAS www\n"), @case);

    [Theory]
    [MemberData(nameof(Prerequisites))]
    [MemberData(nameof(Prescan))]
    [MemberData(nameof(Additions))]
    [MemberData(nameof(Deletions))]
    public void The_zone_is_changed_as_the_law_has_it(UpdateCase @case) => Check(new UpdatedZone(), @case);

    [Theory]
    [InlineData("A")]
    [InlineData("NS")]
    [InlineData("ANY")]
    public void The_zone_section_names_a_SOA(string type)
    {
        Assert.True(RecordText.TryParseType(type, out var number));
        Assert.Equal(Rcode.FormErr, new UpdatedZone().Send(UpdatedZone.Everything, UpdateText.Message(UpdatedZone.Origin, number, ["delete only"])).Rcode);
    }

    [Fact]
    public void A_zone_section_of_no_or_two_zones_is_malformed()
    {
        var message = UpdateText.Message(UpdatedZone.Origin, ["delete only"]);
        message[5] = 0;
        Assert.Equal(Rcode.FormErr, new UpdatedZone().Send(UpdatedZone.Everything, message).Rcode);
        message[5] = 2;
        Assert.Equal(Rcode.FormErr, new UpdatedZone().Send(UpdatedZone.Everything, message).Rcode);
    }

    [Fact]
    public void A_set_that_no_answer_could_hold_is_refused()
    {
        var zone = new UpdatedZone();
        var before = zone.Lines();
        Assert.Equal(Rcode.Refused, zone.Send(UpdatedZone.Everything, Enumerable.Range(0, 250).Select(i => $"add big 60 TXT \"{i}{new string('x', 240)}\"")));
        Assert.Equal(before, zone.Lines());
    }

    private static void Check(UpdatedZone zone, UpdateCase @case)
    {
        var before = zone.Lines();
        Assert.Equal(@case.Rcode, zone.Send(UpdatedZone.Everything, @case.Lines));
        var after = zone.Lines();
        Assert.Equal(Lines(@case.Added), after.Except(before).Order(StringComparer.Ordinal));
        Assert.Equal(Lines(@case.Removed), before.Except(after).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Lines(string[] lines) => lines.Select(line => RecordText.Format(RecordText.Parse(line, UpdatedZone.Origin))).Order(StringComparer.Ordinal);
}
