using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Listeners;
using Edge.Dns.Nameserver;
using Edge.Dns.Signing;
using Edge.Dns.Signing.Keys;
using Edge.Dns.Tests.Zones;
using Edge.Dns.Views;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Dns.Zones.Aliases;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Dns.Tests.Signing;

/// <summary>Keys on the disk, and what a running server signs with them whoever added the record.</summary>
public sealed class SigningManagerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edge-keys-").FullName;

    private string ZoneFolder => Path.Combine(_folder, "dnssec", "example.com");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void Keys_are_made_once_and_are_for_their_owner_only()
    {
        var first = Manager();
        var second = Manager();
        Assert.Equal(first.KeysOf(SignedZones.Origin)!.Keys[0].Key.Dnskey, second.KeysOf(SignedZones.Origin)!.Keys[0].Key.Dnskey);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(ZoneFolder));
        Assert.Equal(3, Directory.GetFiles(ZoneFolder).Length);
        Assert.All(Directory.GetFiles(ZoneFolder), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    [Theory]
    [InlineData(SigningAlgorithm.EcdsaP256Sha256)]
    [InlineData(SigningAlgorithm.Ed25519)]
    public void BIND_reads_the_keys_and_signs_with_them(SigningAlgorithm algorithm)
    {
        var manager = Manager(new ZoneSigningOptions(algorithm));
        var key = manager.KeysOf(SignedZones.Origin)!.Keys[0].Key;
        var file = Directory.GetFiles(ZoneFolder, "*.key").Single();
        var ds = Tool.Run("dnssec-dsfromkey", "-2", file).Output;
        Assert.Equal(RecordText.FormatData(RecordType.DS, key.DelegationSigner()).Replace(" ", "", StringComparison.Ordinal), ds.Trim()["example.com. IN DS ".Length..].Replace(" ", "", StringComparison.Ordinal));
        var zone = Path.Combine(_folder, "zone");
        File.WriteAllText(zone, $"{SignedZones.Text}\n$INCLUDE {file}\n");
        var signed = Tool.Run("dnssec-signzone", "-z", "-o", "example.com", "-K", ZoneFolder, zone);
        Assert.True(signed.Code == 0, signed.Output);
    }

    [Fact]
    public void Keys_that_BIND_made_are_taken_over()
    {
        Directory.CreateDirectory(ZoneFolder);
        var name = Tool.Run("dnssec-keygen", "-a", "ECDSAP256SHA256", "-f", "KSK", "-K", ZoneFolder, "example.com").Output.Split('\n').First(line => line.StartsWith("Kexample", StringComparison.Ordinal)).Trim();
        Tool.Run("dnssec-keygen", "-a", "ECDSAP256SHA256", "-K", ZoneFolder, "example.com");
        var keys = Manager().KeysOf(SignedZones.Origin)!;
        Assert.Equal([KeyRole.Ksk, KeyRole.Zsk], keys.Keys.Select(key => key.Key.Role).Order());
        Assert.EndsWith($"+{keys.EntryPoints.Single().Tag:00000}", name, StringComparison.Ordinal);
        Assert.Single(keys.DataSigners);
    }

    [Fact]
    public void Keys_that_cannot_be_read_are_told_and_not_made_anew()
    {
        Manager();
        var file = Directory.GetFiles(ZoneFolder, "*.private").Single();
        File.WriteAllText(file, "Private-key-format: v1.3\nAlgorithm: 8 (RSASHA256)\nPrivateKey: AAAA\n");
        var log = new RecordingLogger();
        var manager = Manager(log: log);
        Assert.False(manager.IsSigned(SignedZones.Origin));
        Assert.Contains(log.Entries, line => line.Text.Contains(file, StringComparison.Ordinal) && line.Text.Contains("algorithm is 8", StringComparison.Ordinal));
        Assert.Contains("RSASHA256", File.ReadAllText(file));
    }

    [Fact]
    public void A_rollover_lasts_through_a_restart()
    {
        var manager = Manager();
        var rolling = KeyRollover.Start(manager.KeysOf(SignedZones.Origin)!, KeyRole.Csk, SigningAlgorithm.EcdsaP256Sha256, TimeSpan.FromHours(1), DateTimeOffset.UtcNow);
        manager.Replace(rolling);
        var read = Manager().KeysOf(SignedZones.Origin)!;
        Assert.Equal(rolling.Rollover!.NewTag, read.Rollover!.NewTag);
        Assert.Equal(rolling.Rollover.OldTags, read.Rollover.OldTags);
        Assert.Equal((RolloverStep.Published, 2), (read.Rollover.Step, read.Keys.Length));
        Assert.Equal([true, false], read.Keys.Select(key => key.Signs));
    }

    [Fact]
    public async Task What_services_challenges_and_views_add_is_signed_under_the_same_DS()
    {
        var manager = Manager();
        var files = new StatedSource("files", new ZoneContribution(
            [new DeclaredZone(SignedZones.Origin, null, SignedZones.Records(SignedZones.Text + "\nother ALIAS web\n@ ALIAS web")), new DeclaredZone(SignedZones.Origin, "lan", SignedZones.Records("$TTL 60\nweb A 192.168.1.80\nonly-here A 192.168.1.81"))], []));
        var added = new StatedSource("services", new ZoneContribution([],
        [
            Overlay("lan", "photos.example.com. 60 A 192.168.1.10", OverlayMode.Fill),
            Overlay("public", "photos.example.com. 60 A 192.0.2.10", OverlayMode.Fill),
            Overlay(null, "_acme-challenge.photos.example.com. 60 TXT \"token\"", OverlayMode.Add),
        ]));
        await using var aliases = new AliasSource((_, _, _) => ValueTask.FromResult<TargetAddresses?>(null), TimeProvider.System, NullLogger.Instance);
        var zones = new ZoneManager([files, added, aliases, manager], ["lan", "public"], NullLogger.Instance, TimeProvider.System);
        aliases.Follow(zones);
        for (var deadline = DateTime.UtcNow.AddSeconds(20); zones.Current.Zones(1)[0].Find(SignedZones.Origin, RecordType.AAAA) is null; await Task.Yield())
        {
            Assert.True(DateTime.UtcNow < deadline, "the aliases are not resolved");
        }

        var views = new ViewSet([View.Declare("lan", [IPNetwork.Parse("127.0.0.1/32")]), View.Declare("public", [])]);
        var listeners = DnsListeners.Bind(
            [new IPEndPoint(IPAddress.Loopback, 0)], new QueryProcessor(() => zones.Current, () => views, null) { Signers = () => manager.Signers }, new ListenerOptions(), TimeProvider.System, NullLoggerFactory.Instance);
        listeners.Start();
        try
        {
            using var resolver = new ValidatingResolver(listeners.EndPoints[0].Port, DsOf(manager), "127.0.0.1");
            using var outside = new ValidatingResolver(listeners.EndPoints[0].Port, DsOf(manager), "127.0.0.2");
            Secure(resolver, "photos.example.com", "A", "192.168.1.10");
            Secure(outside, "photos.example.com", "A", "192.0.2.10");
            Secure(resolver, "web.example.com", "A", "192.168.1.80");
            Secure(outside, "web.example.com", "A", "192.0.2.80");
            Secure(outside, "only-here.example.com", "A", null);
            Secure(resolver, "other.example.com", "A", "192.168.1.80");
            Secure(outside, "other.example.com", "A", "192.0.2.80");
            Secure(outside, "example.com", "AAAA", "2001:db8::80");
            Secure(resolver, "example.com", "AAAA", null);
            Secure(resolver, "web.example.com", "AAAA", null);
            foreach (var view in (ValidatingResolver[])[resolver, outside])
            {
                Secure(view, "_acme-challenge.photos.example.com", "TXT", "token");
                Secure(view, "photos.example.com", "AAAA", null);
            }

            added.Say(ZoneContribution.Empty);
            using var later = new ValidatingResolver(listeners.EndPoints[0].Port, DsOf(manager), "127.0.0.2");
            Secure(later, "photos.example.com", "A", null);
            Secure(later, "_acme-challenge.photos.example.com", "TXT", null);
        }
        finally
        {
            await listeners.StopAsync();
        }
    }

    [Fact]
    public void The_content_of_a_version_is_made_once_and_a_new_key_raises_the_serial_in_every_view()
    {
        var manager = Manager();
        var files = new StatedSource("files", new ZoneContribution([new DeclaredZone(SignedZones.Origin, null, SignedZones.Records(SignedZones.Text))], []));
        var zones = new ZoneManager([files, manager], ["lan", "public"], NullLogger.Instance, TimeProvider.System);
        var before = zones.Current.Zones(0)[0];
        Assert.Same(manager.ContentOf("lan", before), manager.ContentOf("lan", before));
        manager.Replace(KeyRollover.Start(manager.KeysOf(SignedZones.Origin)!, KeyRole.Csk, SigningAlgorithm.EcdsaP256Sha256, TimeSpan.FromHours(1), DateTimeOffset.UtcNow));
        for (var view = 0; view < 2; view++)
        {
            var after = zones.Current.Zones(view)[0];
            Assert.Equal(before.Serial + 1, after.Serial);
            Assert.Equal(2, after.Find(SignedZones.Origin, RecordType.DNSKEY)!.Data.Length);
        }
    }

    [Fact]
    public void Who_has_the_zone_from_us_gets_new_signatures_under_a_new_serial_in_time_and_after_restarts_too()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        using var manager = Manager(time: time);
        var files = new StatedSource("files", new ZoneContribution([new DeclaredZone(SignedZones.Origin, null, SignedZones.Records(SignedZones.Text))], []));
        var zones = new ZoneManager([files, manager], ["public"], NullLogger.Instance, time);
        time.Advance(TimeSpan.FromDays(10));
        Assert.Equal(1u, zones.Current.Zones(0)[0].Serial);

        var expires = Earliest(manager.ContentOf("public", zones.Current.Zones(0)[0])!);
        for (var day = 1; day <= 60; day++)
        {
            time.Advance(TimeSpan.FromDays(1));
            expires = Earliest(manager.ContentOf("public", zones.Current.Zones(0)[0])!);
            Assert.True(expires > time.GetUtcNow() + TimeSpan.FromDays(3), $"day {day}");
        }

        var serial = zones.Current.Zones(0)[0].Serial;
        Assert.InRange(serial, 19u, 22u);
        zones.Dispose();
        manager.Dispose();
        time.Advance(TimeSpan.FromDays(3));
        using var next = Manager(time: time);
        var after = new ZoneManager([files, next], ["public"], NullLogger.Instance, time);
        var started = after.Current.Zones(0)[0].Serial;
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(started + 1, after.Current.Zones(0)[0].Serial);
    }

    private static DateTimeOffset Earliest(SignedZoneContent content) => content.Records.Where(record => record.Type == RecordType.RRSIG)
        .Min(record => DateTimeOffset.FromUnixTimeSeconds(System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(record.Data.Wire[8..])));

    private static void Secure(ValidatingResolver resolver, string name, string type, string? seen)
    {
        var output = resolver.Ask(name, type);
        Assert.True(output.Split('\n').Any(line => line.StartsWith(";; flags:", StringComparison.Ordinal) && line.Contains(" ad", StringComparison.Ordinal)), output + resolver.Log);
        Assert.True(seen is null ? output.Contains("ANSWER: 0", StringComparison.Ordinal) : output.Contains(seen, StringComparison.Ordinal), output);
    }

    private static string DsOf(SigningManager manager) =>
        $"example.com. DS {RecordText.FormatData(RecordType.DS, manager.KeysOf(SignedZones.Origin)!.EntryPoints[0].DelegationSigner())}";

    private static OverlayRecord Overlay(string? view, string record, OverlayMode mode) => new(view, RecordText.Parse(record), mode);

    private SigningManager Manager(ZoneSigningOptions? options = null, RecordingLogger? log = null, TimeProvider? time = null) => new(
        new KeyFolder(Path.Combine(_folder, "dnssec")),
        ImmutableDictionary<Name, ZoneSigningOptions>.Empty.Add(SignedZones.Origin, options ?? new ZoneSigningOptions()),
        time ?? TimeProvider.System,
        log ?? (Microsoft.Extensions.Logging.ILogger)NullLogger.Instance);
}
