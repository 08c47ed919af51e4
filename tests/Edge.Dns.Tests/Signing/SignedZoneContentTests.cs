using Edge.Dns.Signing;
using Edge.Dns.Signing.Keys;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Dns.Tests.Signing;

/// <summary>What a secondary gets of a signed zone must hold before the verifiers of other servers.</summary>
public sealed class SignedZoneContentTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edge-signing-").FullName;

    public static TheoryData<SigningAlgorithm, bool> Ways => new()
    {
        { SigningAlgorithm.EcdsaP256Sha256, false },
        { SigningAlgorithm.EcdsaP256Sha256, true },
        { SigningAlgorithm.Ed25519, false },
        { SigningAlgorithm.Ed25519, true },
    };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Ways))]
    public void Ldns_and_BIND_accept_a_whole_zone(SigningAlgorithm algorithm, bool split)
    {
        var path = Write(Content(SignedZones.Keys(algorithm, split)).Records);
        Accepts(Tool.Run("ldns-verify-zone", path));
        Accepts(Tool.Run("dnssec-verify", "-z", "-o", "example.com", path));
    }

    [Fact]
    public void Both_refuse_a_zone_in_which_one_byte_of_one_signature_is_another()
    {
        var records = Content(SignedZones.Keys()).Records.ToList();
        var at = records.FindIndex(record => record.Type == RecordType.RRSIG && record.Owner == Name.Parse("web.example.com."));
        var data = records[at].Data.Wire.ToArray();
        data[^7] ^= 1;
        records[at] = records[at] with { Data = new RData(data) };
        var path = Write(records);
        Assert.NotEqual(0, Tool.Run("ldns-verify-zone", path).Code);
        Assert.NotEqual(0, Tool.Run("dnssec-verify", "-z", "-o", "example.com", path).Code);
    }

    [Fact]
    public void The_SOA_comes_first_and_glue_and_delegations_have_no_signature()
    {
        var records = Content(SignedZones.Keys()).Records.ToList();
        Assert.Equal(RecordType.SOA, records[0].Type);
        Assert.Empty(Signed(records, "ns.sub.example.com."));
        Assert.Equal([RecordType.NSEC], Signed(records, "sub.example.com."));
        Assert.Equal([RecordType.DS, RecordType.NSEC], Signed(records, "secure.example.com."));
    }

    [Fact]
    public void RFC_7344_4_1_CDS_and_CDNSKEY_say_what_DNSKEY_and_DS_say_and_have_its_signer()
    {
        var keys = SignedZones.Keys(split: true);
        var zone = SignedZones.Zone(keys);
        var ksk = keys.Keys.Single(key => key.Key.Role == KeyRole.Ksk).Key;
        Assert.Equal(ksk.DelegationSigner(), zone.Find(SignedZones.Origin, RecordType.CDS)!.Data.Single());
        Assert.Equal(ksk.Dnskey, zone.Find(SignedZones.Origin, RecordType.CDNSKEY)!.Data.Single());
        Assert.Equal(2, zone.Find(SignedZones.Origin, RecordType.DNSKEY)!.Data.Length);
        foreach (var record in Content(keys).Records.Where(record => record.Type == RecordType.RRSIG))
        {
            var covered = (RecordType)((record.Data.Wire[0] << 8) | record.Data.Wire[1]);
            var tag = (record.Data.Wire[16] << 8) | record.Data.Wire[17];
            Assert.Equal(covered is RecordType.DNSKEY or RecordType.CDS or RecordType.CDNSKEY, tag == ksk.Tag);
        }
    }

    [Fact]
    public void A_version_without_changes_to_a_set_keeps_its_signature_and_a_difference_holds_only_what_changed()
    {
        var keys = SignedZones.Keys();
        var signer = new ZoneSigner(keys, DenialMode.Compact, TimeProvider.System);
        var first = SignedZoneContent.Of(SignedZones.Zone(keys), signer, null);
        var zone = Zone.Build(SignedZones.Origin, [.. first.Zone.RRsets.SelectMany(set => set.Records)
            .Where(record => record.Type != RecordType.SOA && record.Owner != Name.Parse("odd.example.com.")),
            RecordText.Parse("example.com. 300 SOA ns.example.com. hostmaster.example.com. 2 7200 900 1209600 60")]);
        var difference = SignedZoneContent.Between(first, SignedZoneContent.Of(zone, signer, first));
        string[] removed = ["SOA", "RRSIG SOA", "TYPE65280", "RRSIG TYPE65280", "NSEC", "RRSIG NSEC", "NSEC", "RRSIG NSEC"];
        string[] added = ["SOA", "RRSIG SOA", "NSEC", "RRSIG NSEC"];
        Assert.Equal(removed.Order(), difference.Removed.Select(Kind).Order());
        Assert.Equal(added.Order(), difference.Added.Select(Kind).Order());
        Assert.Equal(RecordType.SOA, difference.Removed[0].Type);
        Assert.Equal(RecordType.SOA, difference.Added[0].Type);
    }

    [Fact]
    public void Signatures_begin_an_hour_ago_outlive_the_TTL_and_are_renewed_a_week_before_their_end()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var keys = SignedZones.Keys();
        var signer = new ZoneSigner(keys, DenialMode.Compact, time);
        var set = SignedZones.Zone(keys).Find(Name.Parse("long.example.com."), RecordType.TXT)!;
        var first = Sign(signer, set);
        var (inception, expiration) = Times(first);
        Assert.Equal(signer.Now() - 3600, inception);
        Assert.Equal(signer.Now() + (14 * 86400) + 864000, expiration);

        time.Advance(TimeSpan.FromDays(6.9));
        Assert.Same(first, Sign(signer, set));

        // The machine slept: whoever looks at the clock only when it runs would serve what has expired.
        time.Advance(TimeSpan.FromDays(30));
        var second = Sign(signer, set);
        Assert.NotSame(first, second);
        Assert.True(Times(second).Expiration > signer.Now() + set.Ttl);
    }

    [Fact]
    public void A_signature_that_was_made_while_the_clock_was_ahead_is_not_served_after_it_was_set_back()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow + TimeSpan.FromDays(3));
        var keys = SignedZones.Keys();
        var set = SignedZones.Zone(keys).Find(Name.Parse("web.example.com."), RecordType.A)!;
        var ahead = new ZoneSigner(keys, DenialMode.Compact, time);
        var first = Sign(ahead, set);
        var signer = new ZoneSigner(keys, DenialMode.Compact, TimeProvider.System, ahead);
        Assert.NotSame(first, Sign(signer, set));
    }

    private static SignedRecords Sign(ZoneSigner signer, RRset set) => signer.Sign(set.Wire, set.Owner.Wire, signer.Now());

    private SignedZoneContent Content(ZoneKeySet keys) =>
        SignedZoneContent.Of(SignedZones.Zone(keys), new ZoneSigner(keys, DenialMode.Compact, TimeProvider.System), null);

    private string Write(IEnumerable<ResourceRecord> records)
    {
        var path = Path.Combine(_folder, "example.com.zone");
        File.WriteAllText(path, SignedZones.FileOf(records));
        return path;
    }

    private static void Accepts((int Code, string Output) verdict) => Assert.True(verdict.Code == 0, verdict.Output);

    private static (long Inception, long Expiration) Times(SignedRecords signatures)
    {
        var data = SetSigner.DataOf(signatures).Single().Wire;
        return (System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(data[12..]), System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(data[8..]));
    }

    private static List<RecordType> Signed(List<ResourceRecord> records, string owner) =>
        [.. records.Where(record => record.Type == RecordType.RRSIG && record.Owner == Name.Parse(owner)).Select(record => (RecordType)((record.Data.Wire[0] << 8) | record.Data.Wire[1])).Order()];

    private static string Kind(ResourceRecord record) => RecordText.FormatType(record.Type)
        + (record.Type == RecordType.RRSIG ? " " + RecordText.FormatType((RecordType)((record.Data.Wire[0] << 8) | record.Data.Wire[1])) : "");
}
