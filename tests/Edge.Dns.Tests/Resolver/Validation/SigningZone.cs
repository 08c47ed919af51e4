using System.Collections.Immutable;
using Edge.Dns.Dnssec;
using Edge.Dns.Signing;
using Edge.Dns.Signing.Keys;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Tests.Resolver.Validation;

/// <summary>A zone that signs what a test gives it, right or wrong.</summary>
internal sealed class SigningZone
{
    public SigningZone(string origin, SigningAlgorithm algorithm = SigningAlgorithm.EcdsaP256Sha256)
    {
        Origin = Name.Parse(origin);
        Key = new ZoneKey(Origin, KeyRole.Csk, PrivateKey.Create(algorithm));
    }

    public Name Origin { get; }

    public ZoneKey Key { get; set; }

    /// <summary>The validity of its signatures, in seconds around the epoch of the tests.</summary>
    public SignatureTimes Times { get; set; } = new(Tree.Epoch.ToUnixTimeSeconds() - 3600, Tree.Epoch.AddDays(14).ToUnixTimeSeconds(), 0);

    public ResourceRecord Ds => new(Origin, RecordType.DS, 3600, Key.DelegationSigner());

    /// <summary>The apex's SOA, signed: negative answers of the zone hold for a minute.</summary>
    public ResourceRecord[] Soa => Sign(Record("@ 300 IN SOA ns h 1 7200 900 1209600 60"));

    /// <summary>The DNSKEY set, signed.</summary>
    public ResourceRecord[] Keys => Sign(new ResourceRecord(Origin, RecordType.DNSKEY, 3600, Key.Dnskey));

    /// <summary>A record in zone-file text, relative to the zone.</summary>
    public ResourceRecord Record(string text) => RecordText.Parse(text, Origin);

    /// <summary>One set in zone-file text, with its signature.</summary>
    public ResourceRecord[] Sign(params string[] lines) => Sign([.. lines.Select(Record)]);

    /// <summary>One set with its signature.</summary>
    public ResourceRecord[] Sign(params ResourceRecord[] set) => Sign(set[0].Owner, set, [Key]);

    /// <summary>One set with its signatures by other keys, or from a wildcard.</summary>
    public ResourceRecord[] Sign(Name signedAs, ResourceRecord[] set, ImmutableArray<ZoneKey> keys)
    {
        var made = SetSigner.Sign(signedAs.Wire, set[0].Type, set[0].Ttl, set[0].Ttl, set.Select(record => record.Data.Wire.ToArray()), keys, this, Times);
        return [.. set, .. SetSigner.DataOf(made).Select(data => new ResourceRecord(set[0].Owner, RecordType.RRSIG, set[0].Ttl, data))];
    }

    /// <summary>An NSEC record, signed.</summary>
    public ResourceRecord[] Nsec(string owner, string next, params RecordType[] types) =>
        Sign(new ResourceRecord(Relative(owner), RecordType.NSEC, 60, new RData(TypeBitmap.NsecData(Relative(next).Wire, [.. types, RecordType.RRSIG, RecordType.NSEC]))));

    /// <summary>The whole chain of NSEC3 records of a zone with these names, signed; without salt (RFC 9276 §3.1).</summary>
    public List<ResourceRecord[]> Nsec3(int iterations, bool optOut, params (string Name, RecordType[] Types)[] names)
    {
        var hashed = names.Select(name => (Hash: HashOf(Relative(name.Name), iterations), name.Types)).OrderBy(one => Convert.ToHexString(one.Hash), StringComparer.Ordinal).ToList();
        return
        [
            .. hashed.Select((one, place) => Sign(new ResourceRecord(Origin.Prepend(Text(one.Hash)), RecordType.NSEC3, 60, new RData(
            [
                1, (byte)(optOut ? 1 : 0), (byte)(iterations >> 8), (byte)iterations, 0, HashedOwner.Length, .. hashed[(place + 1) % hashed.Count].Hash,
                .. TypeBitmap.NsecData([], one.Types),
            ])))),
        ];
    }

    public static byte[] HashOf(Name name, int iterations)
    {
        var hash = new byte[HashedOwner.Length];
        HashedOwner.Compute(name.Wire, [], iterations, hash);
        return hash;
    }

    public Name Relative(string text) => Name.TryParse(text, Origin, out var name, out var error) ? name : throw new FormatException(error);

    // RFC 4648 §7.
    private static string Text(byte[] hash) => string.Concat(Enumerable.Range(0, 32).Select(place =>
        "0123456789abcdefghijklmnopqrstuv"[Enumerable.Range(place * 5, 5).Aggregate(0, (digit, bit) => (digit << 1) | ((hash[bit >> 3] >> (7 - (bit & 7))) & 1))]));
}
