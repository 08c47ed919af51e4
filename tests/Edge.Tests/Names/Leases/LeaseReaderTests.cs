using System.Globalization;
using Edge.Names.Leases;

namespace Edge.Tests.Names.Leases;

/// <summary>Lease files as the servers write them, and what is read in them.</summary>
public sealed class LeaseReaderTests
{
    private const string KeaHeader4 = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context";
    private const string KeaHeader6 = "address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context,hwtype,hwaddr_source";

    [Fact]
    public void Dnsmasq_writes_both_families_into_one_file() => Check(
        LeaseFormat.Dnsmasq,
        """
        1795694400 3c:22:fb:11:22:33 192.168.1.23 Annas-MacBook 01:3c:22:fb:11:22:33
        0 b8:27:eb:aa:bb:cc 192.168.1.5 printer *
        1795694401 06-02:00:5e:10:00:01 192.168.1.24 * ff:b5:5e:67:ff:00:02:00:00:ab:11:d1:7b
        duid 00:01:00:01:2d:04:61:e5:b8:27:eb:00:00:01
        1795694402 3053453312 fd00::1:8f 3c22 00:02:00:00:ab:11:d1:7b
        1795694403 T3053453313 fd00::1:90 * 00:01:00:01:29:aa:bb:cc:3c:22:fb:11:22:33
        """,
        "192.168.1.23 Annas-MacBook hw 3c22fb112233 ends 1795694400 :1",
        "192.168.1.5 printer hw b827ebaabbcc never :2",
        "192.168.1.24 - duid 00020000ab11d17b ends 1795694401 :3",
        "fd00::1:8f 3c22 duid 00020000ab11d17b ends 1795694402 :5",
        "fd00::1:90 - duid 0001000129aabbcc3c22fb112233 ends 1795694403 :6");

    [Fact]
    public void Lines_of_dnsmasq_that_are_broken_are_counted_and_the_others_hold() => Check(
        LeaseFormat.Dnsmasq,
        """
        1795694400 3c:22:fb:11:22:33 192.168.1.23
        soon 3c:22:fb:11:22:33 192.168.1.24 laptop *
        99999999999999 3c:22:fb:11:22:33 192.168.1.24 laptop *
        1795694400 3c:22:fb:11:22:33 192.168.1.256 laptop *
        1795694400 3c:22:fb:11:22:33 192.168.1.25 laptop *
        """,
        "192.168.1.25 laptop hw 3c22fb112233 ends 1795694400 :5",
        "leases:1: has 3 words",
        "leases:2: \"soon\" is not a time",
        "leases:3: \"99999999999999\" is not a time",
        "leases:4: \"192.168.1.256\" is not an address");

    [Fact]
    public void Addresses_that_no_client_is_given_are_counted_like_broken_lines() => Check(
        LeaseFormat.Dnsmasq,
        """
        0 3c:22:fb:11:22:33 127.0.0.1 a *
        0 3c:22:fb:11:22:33 0.0.0.0 a *
        0 3c:22:fb:11:22:33 224.0.0.251 a *
        0 3c:22:fb:11:22:33 255.255.255.255 a *
        0 3c:22:fb:11:22:33 169.254.1.1 a *
        0 1 ::1 a 00:01
        0 1 :: a 00:01
        0 1 fe80::1 a 00:01
        0 1 ff02::fb a 00:01
        0 1 ::ffff:127.0.0.1 a 00:01
        0 1 2001:db8::1 a 00:01
        """,
        "2001:db8::1 a duid 0001 never :11",
        "leases:1: 127.0.0.1 is a loopback address, which no client is given",
        "leases:2: 0.0.0.0 is an unspecified address",
        "leases:3: 224.0.0.251 is a multicast or reserved address",
        "leases:4: 255.255.255.255 is a multicast or reserved address",
        "leases:5: 169.254.1.1 is a link-local address",
        "leases:6: ::1 is a loopback address",
        "leases:7: :: is an unspecified address",
        "leases:8: fe80::1 is a link-local address",
        "leases:9: ff02::fb is a multicast",
        "leases:10: ::ffff:127.0.0.1 is a loopback address");

    [Fact]
    public void In_Keas_journal_the_last_line_of_an_address_counts() => Check(
        LeaseFormat.Kea,
        $"""
        {KeaHeader4}
        192.0.2.10,3c:22:fb:11:22:33,01:3c:22:fb:11:22:33,3600,1795694400,1,0,0,laptop,0,
        192.0.2.11,b8:27:eb:aa:bb:cc,,3600,1795694400,1,0,0,printer.example.com.,0,
        192.0.2.12,b8:27:eb:aa:bb:cd,,4294967295,1795694400,1,0,0,clock,0,
        192.0.2.10,3c:22:fb:11:22:33,01:3c:22:fb:11:22:33,3600,1795698000,1,0,0,laptop,0,
        192.0.2.13,00:00:5e:00:53:01,,3600,1795694400,1,0,0,gone,0,
        192.0.2.13,00:00:5e:00:53:01,,0,1795690800,1,0,0,gone,0,
        192.0.2.14,00:00:5e:00:53:02,,3600,1795694400,1,0,0,,1,
        192.0.2.15,00:00:5e:00:53:03,,3600,1795694400,1,0,0,reclaimed,2,
        192.0.2.16,00:00:5e:00:53:04,ff:00:00:00:01:00:04:aa:bb,3600,1795694400,1,0,0,a&#x2cb,0,&#x7b&#x7d
        """,
        "192.0.2.11 printer.example.com. hw b827ebaabbcc began 1795690800 ends 1795694400 :3",
        "192.0.2.12 clock hw b827ebaabbcd never :4",
        "192.0.2.10 laptop hw 3c22fb112233 began 1795694400 ends 1795698000 :5",
        "192.0.2.16 a,b duid 0004aabb began 1795690800 ends 1795694400 :10");

    [Fact]
    public void Keas_IPv6_file_has_addresses_and_prefixes_and_only_the_first_are_hosts() => Check(
        LeaseFormat.Kea,
        $"""
        {KeaHeader6}
        2001:db8::10,00:01:00:01:29:aa:bb:cc:3c:22:fb:11:22:33,3600,1795694400,1,1800,0,7,128,0,0,laptop,3c:22:fb:11:22:33,0,,1,2
        2001:db8:1::,00:01:00:01:29:aa:bb:cc:3c:22:fb:11:22:33,3600,1795694400,1,1800,2,8,56,0,0,router,,0,,,
        """,
        "2001:db8::10 laptop duid 0001000129aabbcc3c22fb112233 began 1795690800 ends 1795694400 :2");

    [Fact]
    public void Columns_are_found_by_their_names_whatever_the_version() => Check(
        LeaseFormat.Kea,
        """
        address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id
        192.0.2.10,3c:22:fb:11:22:33,,3600,1795694400,1,0,0,laptop,0,,0
        192.0.2.11,3c:22:fb:11:22:34,,3600,1795694400,1,0,0,old
        """,
        "192.0.2.10 laptop hw 3c22fb112233 began 1795690800 ends 1795694400 :2",
        "192.0.2.11 old hw 3c22fb112234 began 1795690800 ends 1795694400 :3");

    [Fact]
    public void Lines_of_Kea_that_are_broken_are_counted_and_the_others_hold() => Check(
        LeaseFormat.Kea,
        $"""
        {KeaHeader4}
        192.0.2.10,3c:22:fb:11:22:33
        192.0.2.x,3c:22:fb:11:22:33,,3600,1795694400,1,0,0,laptop,0,
        192.0.2.10,3c:22:fb:11:22:33,,-1,1795694400,1,0,0,laptop,0,
        192.0.2.10,3c:22:fb:11:22:33,,3600,1795694400,1,0,0,laptop,0,,,,,
        192.0.2.10,3c:22:fb:11:22:33,,3600,1795694400,1,0,0,laptop,0,
        """,
        "192.0.2.10 laptop hw 3c22fb112233 began 1795690800 ends 1795694400 :6",
        "leases:2: has 2 fields",
        "leases:3: \"192.0.2.x\" is not an address",
        "leases:4: valid_lifetime and expire are not times",
        "leases:5: has 15 fields");

    [Fact]
    public void A_Kea_file_without_its_first_line_says_so() =>
        Check(LeaseFormat.Kea, "192.0.2.10,3c:22:fb:11:22:33,,3600,1795694400,1,0,0,laptop,0,", "leases:1: does not name the columns");

    [Fact]
    public void In_ISCs_journal_the_last_block_of_an_address_counts() => Check(
        LeaseFormat.Isc,
        """
        # The format of this file is documented in the dhcpd.leases(5) manual page.
        # This lease file was written by isc-dhcp-4.4.3-P1

        # authoring-byte-order entry is generated, DO NOT DELETE
        authoring-byte-order little-endian;

        server-duid "\000\001\000\001,\"\377\000";

        lease 192.168.1.23 {
          starts 4 2026/11/26 11:00:00;
          ends 4 2026/11/26 12:00:00;
          cltt 4 2026/11/26 11:00:00;
          binding state active;
          next binding state free;
          rewind binding state free;
          hardware ethernet 3c:22:fb:11:22:33;
          uid "\001<\"\373\021\"3";
          set vendor-class-identifier = "MSFT 5.0; \"x\" }";
          client-hostname "laptop";
        }
        lease 192.168.1.24 {
          starts 4 2026/11/26 11:00:00;
          ends never;
          binding state active;
          hardware ethernet b8:27:eb:aa:bb:cc;
          set ddns-fwd-name = "printer.example.com";
          on expiry { set gone = "1"; }
        }
        lease 192.168.1.25 { starts epoch 1795690800; # Thu Nov 26 11:00:00 2026
          ends epoch 1795694400; # Thu Nov 26 12:00:00 2026
          binding state active; hardware ethernet 00:00:5e:00:53:01; uid "\377\000\000\000\001\000\004\252\273"; client-hostname "clock"; }
        lease 192.168.1.23 {
          starts 4 2026/11/26 11:30:00;
          ends 4 2026/11/26 12:30:00;
          binding state active;
          hardware ethernet 3c:22:fb:11:22:33;
          client-hostname "laptop";
        }
        lease 192.168.1.26 {
          binding state active;
          ends 4 2026/11/26 12:00:00;
          client-hostname "left";
        }
        lease 192.168.1.26 {
          binding state free;
          ends 4 2026/11/26 11:10:00;
        }
        failover peer "dhcp" state {
          my state normal at 4 2026/11/26 11:00:00;
        }
        lease 192.168.1.27 {
          ends 4 2026/11/26 12:00:00;
        """,
        "192.168.1.24 printer.example.com hw b827ebaabbcc began 1795690800 never :21",
        "192.168.1.25 clock duid 0004aabb began 1795690800 ends 1795694400 :29",
        "192.168.1.23 laptop hw 3c22fb112233 began 1795692600 ends 1795696200 :32");

    [Fact]
    public void ISCs_IPv6_leases_stand_inside_of_an_association() => Check(
        LeaseFormat.Isc,
        """
        default-duid "\000\001\000\001";
        ia-na "\007\000\000\000\000\001\000\001)\252\273\314<\"\373\021\"3" {
          cltt 4 2026/11/26 11:00:00;
          iaaddr 2001:db8::10 {
            binding state active;
            preferred-life 1800;
            max-life 3600;
            ends 4 2026/11/26 12:00:00;
            set ddns-fwd-name = "laptop.example.com";
          }
        }
        ia-pd "\010\000\000\000\000\001\000\001" {
          iaprefix 2001:db8:1::/56 {
            binding state active;
            ends 4 2026/11/26 12:00:00;
          }
        }
        """,
        "2001:db8::10 laptop.example.com duid 0001000129aabbcc3c22fb112233 ends 1795694400 :4");

    [Fact]
    public void Blocks_of_ISC_that_are_broken_are_counted_and_the_others_hold() => Check(
        LeaseFormat.Isc,
        """
        lease 192.168.1 .23 {
          binding state active;
        }
        lease 192.168.1.24 {
          ends 4 2026/13/45 12:00:00;
        }
        }
        lease 192.168.1.25 {
          client-hostname "torn
        lease 192.168.1.26 {
          ends 4 2026/11/26 12:00:00;
        }
        lease 192.168.1.27 {
          ends never;
        lease 192.168.1.28 {
          ends never;
        }
        """,
        "192.168.1.26 - 192.168.1.26 ends 1795694400 :10",
        "192.168.1.28 - 192.168.1.28 never :15",
        "leases:1: \"192.168.1\" is not an address",
        "leases:4: \"ends 4 2026/13/45 12:00:00\" (line 5) is not a time",
        "leases:7: a block ends that has not begun",
        "leases:10: a block begins before the one above it has ended",
        "leases:15: a block begins before the one above it has ended");

    [Theory]
    [InlineData("1795694400 3c:22:fb:11:22:33 192.168.1.23 laptop *", "Dnsmasq")]
    [InlineData("duid 00:01:00:01", "Dnsmasq")]
    [InlineData(KeaHeader4, "Kea")]
    [InlineData(KeaHeader6, "Kea")]
    [InlineData("# The format of this file", "Isc")]
    [InlineData("lease 192.168.1.23 {", "Isc")]
    [InlineData("server-duid \"\\000\";", "Isc")]
    [InlineData("", null)]
    [InlineData("<html>", null)]
    public void A_format_is_recognised_by_its_first_line(string line, string? format) => Assert.Equal(format, LeaseFormats.Of(line)?.ToString());

    private static void Check(LeaseFormat format, string text, params string[] expected)
    {
        var table = new LeaseTable("leases");
        ILeaseReader reader = format switch
        {
            LeaseFormat.Dnsmasq => new DnsmasqReader(table),
            LeaseFormat.Kea => new KeaReader(table),
            _ => new IscReader(table),
        };
        reader.Begin("leases");
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            reader.Read(line, ++number);
        }

        Assert.Equal(expected.Where(line => !line.StartsWith("leases:", StringComparison.Ordinal)), table.Leases.Values.OrderBy(lease => lease.Line).Select(Said));
        var problems = table.TakeProblems();
        foreach (var (problem, said) in expected.Where(line => line.StartsWith("leases:", StringComparison.Ordinal)).Zip(problems))
        {
            Assert.StartsWith(problem, said, StringComparison.Ordinal);
        }

        Assert.Equal(table.Mistakes, problems.Count);
    }

    private static string Said(Lease lease) => string.Create(
        CultureInfo.InvariantCulture,
        $"{lease.Address} {(lease.HostName.Length == 0 ? "-" : lease.HostName)} {lease.Device}{(lease.Began is { } began ? $" began {began.ToUnixTimeSeconds()}" : "")} {(lease.Ends is { } ends ? $"ends {ends.ToUnixTimeSeconds()}" : "never")} :{lease.Line}");
}
