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

    public Name Relative(string text) => Name.TryParse(text, Origin, out var name, out var error) ? name : throw new FormatException(error);
}
