using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Transfer;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Xunit;

namespace Edge.Dns.Tests.Transfer;

/// <summary>Catalogs of zones (RFC 9432), for BIND and Knot and from them.</summary>
public sealed class Rfc9432CatalogTests : IDisposable
{
    private const string Other = """
        $TTL 300
        @   SOA ns.example.com. hostmaster.example.com. 5 3600 900 1209600 300
        @   NS  ns.example.com.
        www A   192.0.2.180
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-catalog");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("a good one", "version TXT 2|a.zones PTR one.test.|b.zones PTR two.test.", "one.test. two.test.")]
    [InlineData("S4.1 no members", "version TXT 2", "")]
    [InlineData("S4.2.1 no version", "a.zones PTR one.test.", null)]
    [InlineData("S4.2.1 another version", "version TXT 1|a.zones PTR one.test.", null)]
    [InlineData("S4.2.1 two versions", "version TXT 2|version TXT 1|a.zones PTR one.test.", null)]
    [InlineData("S4.3.1 a member with two names", "version TXT 2|a.zones PTR one.test.|a.zones PTR two.test.", null)]
    [InlineData("S4.4 properties of members are not members", "version TXT 2|a.zones PTR one.test.|coo.a.zones PTR other.test.|group.a.zones TXT x", "one.test.")]
    [InlineData("a PTR elsewhere is none", "version TXT 2|x PTR one.test.|zones PTR two.test.", "")]
    public void Members(string rule, string records, string? expected)
    {
        var origin = Name.Parse("catalog.test.");
        var members = CatalogZone.MembersOf(origin, records.Split('|').Select(line => RecordText.Parse(line.Split(' ', 2) is var parts ? $"{parts[0]} 300 IN {parts[1]}" : "", origin)));
        Assert.Equal((rule, expected), (rule, members is { } some ? string.Join(' ', some) : null));
    }

    [Theory]
    [InlineData("BIND")]
    [InlineData("Knot")]
    public async Task As_producer_our_zones_appear_at_the_secondary_and_go(string program)
    {
        await using var peer = new PeerProcess();
        var toPeer = ImmutableArray.Create(new TransferPeer(peer.EndPoint, Name.Parse("public-key.")));
        var catalog = new CatalogSetting(Name.Parse("catalog.test."), "public", null, toPeer);
        await using var server = new TransferringServer(new TransferPolicy([], [], [catalog]), catalogs: [catalog]);
        if (program == "BIND")
        {
            peer.StartBind(
                $$"""
                key "public-key" { algorithm hmac-sha256; secret "{{TransferringServer.Secret}}"; };
                zone "catalog.test" { type secondary; file "catalog"; primaries { 127.0.0.1 port {{server.Port}} key "public-key"; }; };
                """,
                $$"""catalog-zones { zone "catalog.test" default-primaries { 127.0.0.1 port {{server.Port}} key "public-key"; } min-update-interval 1; }; allow-transfer { any; };""");
        }
        else
        {
            StartKnotConsumer(peer, server.Port);
        }

        await peer.UntilSerial("example.com", 10);
        Assert.Equal(server.Content("public"), TransferringServer.Sorted(Dig.Records($"@127.0.0.1 -p {peer.Port} example.com AXFR")));
        server.Held.Put("other.test.", null, Other);
        await peer.UntilSerial("other.test", 5);
        server.Held.Remove("other.test.");
        await peer.UntilSerial("other.test", null);
        Assert.Equal(10u, peer.SerialOf("example.com"));
    }

    [Theory]
    [InlineData("Edge")]
    [InlineData("Knot")]
    public async Task As_consumer_their_zones_appear_here_and_go(string program)
    {
        await using var peer = new PeerProcess();
        var loopback = ImmutableArray.Create(new TransferPeer(new IPEndPoint(IPAddress.Loopback, 9)));
        var produced = new CatalogSetting(Name.Parse("catalog.test."), "lan", null, loopback);
        await using var primary = new TransferringServer(new TransferPolicy([], [], [produced]), catalogs: [produced]);
        var port = primary.Port;
        if (program == "Knot")
        {
            port = peer.Port;
            StartKnotProducer(peer, "example.com");
        }

        var setting = new SecondarySetting(Name.Parse("catalog.test."), null, [new PrimaryServer(new IPEndPoint(IPAddress.Loopback, port))], IsCatalog: true);
        await using (var server = new FollowingServer(_folder.FullName, null, 0, setting))
        {
            await server.Until(() => server.Serial() == 10);
            if (program == "Knot")
            {
                StartKnotProducer(peer, "example.com", "other.test", reload: true);
            }
            else
            {
                primary.Held.Put("other.test.", null, Other);
            }

            await server.Until(() => server.Serial("other.test.") == 5, () => _ = server.NotifyAsync("catalog.test.", null));
            if (program == "Knot")
            {
                StartKnotProducer(peer, "other.test", reload: true);
            }
            else
            {
                primary.Held.Remove("example.com.");
            }

            await server.Until(() => server.Content() is null, () => _ = server.NotifyAsync("catalog.test.", null));
            await server.Until(() => !File.Exists(Path.Combine(_folder.FullName, "example.com.zone")));
        }

        await using var again = new FollowingServer(_folder.FullName, null, 0, setting);
        Assert.Equal(5u, again.Serial("other.test."));
    }

    private static void StartKnotConsumer(PeerProcess peer, int primary) => peer.StartKnot($"""
        key:
          - id: public-key
            algorithm: hmac-sha256
            secret: {TransferringServer.Secret}
        remote:
          - id: edge
            address: 127.0.0.1@{primary}
            key: public-key
        acl:
          - id: told
            address: 127.0.0.1
            key: public-key
            action: notify
          - id: look
            address: 127.0.0.1
            action: transfer
        template:
          - id: member
            storage: {peer.Folder}
            master: edge
            acl: [told, look]
        zone:
          - domain: catalog.test
            master: edge
            acl: [told, look]
            catalog-role: interpret
            catalog-template: member
        """);

    private static void StartKnotProducer(PeerProcess peer, params string[] zones) => StartKnotProducer(peer, zones, false);

    private static void StartKnotProducer(PeerProcess peer, string one, string other, bool reload) => StartKnotProducer(peer, [one, other], reload);

    private static void StartKnotProducer(PeerProcess peer, string one, bool reload) => StartKnotProducer(peer, [one], reload);

    private static void StartKnotProducer(PeerProcess peer, string[] zones, bool reload)
    {
        peer.Write("example.com.zone", TransferringServer.Zone);
        peer.Write("other.test.zone", Other);
        var statements = $"""
            acl:
              - id: give
                address: 127.0.0.1
                action: transfer
            zone:
              - domain: catalog.test
                catalog-role: generate
                acl: give
            """ + string.Concat(zones.Select(zone => $"""

              - domain: {zone}
                file: {zone}.zone
                acl: give
                catalog-role: member
                catalog-zone: catalog.test
            """));
        if (reload)
        {
            peer.WriteKnot(statements);
            peer.Reload();
        }
        else
        {
            peer.StartKnot(statements);
        }
    }
}
