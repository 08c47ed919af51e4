using System.Collections.Immutable;
using System.Text;
using Edge.Dns.Signing;
using Edge.Dns.Signing.Keys;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Dns.Zones.MasterFile;

namespace Edge.Dns.Tests.Signing;

/// <summary>Zones and keys for the tests of signatures.</summary>
internal static class SignedZones
{
    public static readonly Name Origin = Name.Parse("example.com.");

    /// <summary>Something of everything: wildcards, empty non-terminals, delegations with DS, without, with glue, DNAME, aliases.</summary>
    public const string Text = """
        $ORIGIN example.com.
        $TTL 300
        @             SOA   ns hostmaster 1 7200 900 1209600 60
        @             NS    ns
        @             NS    NS2.Example.COM.
        @             MX    10 Mail
        ns            A     192.0.2.53
        ns2           A     192.0.2.54
        mail          A     192.0.2.25
        web           A     192.0.2.80
        web           A     192.0.2.8
        web           AAAA  2001:db8::80
        www           CNAME web
        *.wild        A     192.0.2.81
        *.wild        TXT   "any name"
        host.wild     A     192.0.2.82
        *.alias       CNAME web
        deep.a.b      A     192.0.2.83
        foo.*.went    A     192.0.2.84
        moved         DNAME wild
        sub           NS    ns.sub
        ns.sub        A     192.0.2.55
        secure        NS    ns
        secure        DS    12345 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF
        srv           SRV   0 0 443 Web
        odd           TYPE65280 \# 3 0a0b0c
        caa           CAA   0 issue "ca.example.net"
        long          10d   TXT "kept for long"
        """;

    public static ZoneKeySet Keys(SigningAlgorithm algorithm = SigningAlgorithm.EcdsaP256Sha256, bool split = false) =>
        ZoneKeySet.Create(Origin, algorithm, split, DateTimeOffset.UtcNow);

    /// <summary>The zone with the records of its keys, as the overlay puts them there.</summary>
    public static Zone Zone(ZoneKeySet keys, string text = Text) =>
        Dns.Zones.Zone.Build(Origin, [.. Records(text), .. KeyRecords.Of(keys).Select(record => record.Record)]);

    public static ImmutableArray<ResourceRecord> Records(string text) => [.. ZoneFileParser.Parse("test.zone", Encoding.UTF8.GetBytes(text), Origin).Records];

    /// <summary>Records as a zone file.</summary>
    public static string FileOf(IEnumerable<ResourceRecord> records) => string.Concat(records.Select(record => RecordText.Format(record) + "\n"));
}
