using System.Collections.Frozen;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones.RecordData;

/// <summary>The presentation of every type that has one, as a table: type, example, fields. Other types use RFC 3597 §5.</summary>
internal static class DataShapes
{
    private static readonly FrozenDictionary<RecordType, DataShape> ByType = All().ToFrozenDictionary(shape => shape.Type);

    /// <summary>The shape of a type's data; null for a type whose data is only bytes here.</summary>
    public static DataShape? Of(RecordType type) => ByType.GetValueOrDefault(type);

    private static NumberField U8(string label, NumberWords? words = null) => new(label, 1, words);

    private static NumberField U16(string label, NumberWords? words = null) => new(label, 2, words);

    private static NumberField U32(string label) => new(label, 4);

    // The length of a digest follows from its type: DS (RFC 4034 §5.1.4 and its registry), TLSA (RFC 6698 §2.1.3), SSHFP (RFC 4255 §3.1.2).
    private static HexField DsDigest() => new("digest", wire => wire[3] switch { 1 => 20, 2 => 32, 4 => 48, _ => null });

    private static HexField TlsaData() => new("certificate data", wire => wire[2] switch { 1 => 32, 2 => 64, _ => null });

    private static HexField SshDigest() => new("fingerprint", wire => wire[1] switch { 1 => 20, 2 => 32, _ => null });

    private static IEnumerable<DataShape> All() => [.. Addresses(), .. Services(), .. Keys(), .. Information()];

    private static IEnumerable<DataShape> Addresses() =>
    [
        new(RecordType.A, "A 192.0.2.10", new AddressField(v6: false)),
        new(RecordType.AAAA, "AAAA 2001:db8::10", new AddressField(v6: true)),
        new(RecordType.NS, "NS ns1.example.com.", new NameField("name server")),
        new(RecordType.CNAME, "CNAME nas.example.com.", new NameField("target")),
        new(RecordType.DNAME, "DNAME example.net.", new NameField("target")),
        new(RecordType.ALIAS, "ALIAS host.example.net.", new NameField("target")),
        new(RecordType.PTR, "PTR nas.example.com.", new NameField("target")),
        new(RecordType.SOA, "SOA ns1.example.com. hostmaster.example.com. ( 2026010100 1h 15m 2w 5m )",
            new NameField("primary name server"), new NameField("mailbox"), U32("serial"),
            new SecondsField("refresh time"), new SecondsField("retry time"), new SecondsField("expire time"), new SecondsField("negative TTL")),
    ];

    private static IEnumerable<DataShape> Services() =>
    [
        new(RecordType.MX, "MX 10 mail.example.com.", U16("preference"), new NameField("mail server")),
        new(RecordType.SRV, "SRV 0 0 587 mail.example.com.", U16("priority"), U16("weight"), U16("port"), new NameField("target")),
        new(RecordType.AFSDB, "AFSDB 1 db.example.com.", U16("subtype"), new NameField("server")),
        new(RecordType.NAPTR, "NAPTR 100 10 \"S\" \"SIP+D2U\" \"\" _sip._udp.example.com.",
            U16("order"), U16("preference"), new StringField("flags"), new StringField("service"), new StringField("regular expression"), new NameField("replacement")),
        new(RecordType.URI, "URI 10 1 \"https://example.com/\"", U16("priority"), U16("weight"), new RestStringField("target")),
        new(RecordType.SVCB, "SVCB 1 svc.example.com. alpn=h2 port=8443", U16("priority"), new NameField("target"), new ServiceParametersField()),
        new(RecordType.HTTPS, "HTTPS 1 . alpn=h2,h3", U16("priority"), new NameField("target"), new ServiceParametersField()),
    ];

    private static IEnumerable<DataShape> Keys() =>
    [
        new(RecordType.CAA, "CAA 0 issue \"letsencrypt.org\"", U8("flags"), new CaaTagField(), new RestStringField("value")),
        new(RecordType.TLSA, "TLSA 3 1 1 …64 hexadecimal digits…", U8("usage"), U8("selector"), U8("matching type"), TlsaData()),
        new(RecordType.SMIMEA, "SMIMEA 3 1 1 …64 hexadecimal digits…", U8("usage"), U8("selector"), U8("matching type"), TlsaData()),
        new(RecordType.SSHFP, "SSHFP 4 2 …64 hexadecimal digits…", U8("algorithm"), U8("fingerprint type"), SshDigest()),
        new(RecordType.DS, "DS 12345 13 2 …64 hexadecimal digits…", U16("key tag"), U8("algorithm", NumberWords.Algorithm), U8("digest type"), DsDigest()),
        new(RecordType.CDS, "CDS 12345 13 2 …64 hexadecimal digits…", U16("key tag"), U8("algorithm", NumberWords.Algorithm), U8("digest type"), DsDigest()),
        new(RecordType.DNSKEY, "DNSKEY 257 3 13 …base64…", U16("flags"), U8("protocol"), U8("algorithm", NumberWords.Algorithm), new Base64Field("public key")),
        new(RecordType.CDNSKEY, "CDNSKEY 257 3 13 …base64…", U16("flags"), U8("protocol"), U8("algorithm", NumberWords.Algorithm), new Base64Field("public key")),
        new(RecordType.RRSIG, "RRSIG A 13 3 3600 20260201000000 20260101000000 12345 example.com. …base64…",
            new TypeField("type covered"), U8("algorithm", NumberWords.Algorithm), U8("labels"), U32("original TTL"),
            new TimestampField("expiration"), new TimestampField("inception"), U16("key tag"), new NameField("signer"), new Base64Field("signature")),
        new(RecordType.NSEC, "NSEC b.example.com. A MX", new NameField("next owner"), new TypeBitmapField()),
        new(RecordType.NSEC3, "NSEC3 1 0 0 - …base32… A",
            U8("hash algorithm"), U8("flags"), U16("iterations"), new SaltField(), new HashedOwnerField(), new TypeBitmapField()),
        new(RecordType.NSEC3PARAM, "NSEC3PARAM 1 0 0 -", U8("hash algorithm"), U8("flags"), U16("iterations"), new SaltField()),
        new(RecordType.DHCID, "DHCID …base64…", new Base64Field("identifier")),
        new(RecordType.OPENPGPKEY, "OPENPGPKEY …base64…", new Base64Field("key")),
        new(RecordType.CERT, "CERT PKIX 0 0 …base64…",
            U16("certificate type", NumberWords.CertificateType), U16("key tag"), U8("algorithm", NumberWords.CertificateAlgorithm), new Base64Field("certificate")),
        new(RecordType.CSYNC, "CSYNC 66 3 A NS AAAA", U32("serial"), U16("flags"), new TypeBitmapField()),
        new(RecordType.ZONEMD, "ZONEMD 2026010100 1 1 …96 hexadecimal digits…", U32("serial"), U8("scheme"), U8("hash algorithm"), new HexField("digest")),
    ];

    private static IEnumerable<DataShape> Information() =>
    [
        new(RecordType.TXT, "TXT \"some text\"", new StringField("text", repeated: true)),
        new(RecordType.HINFO, "HINFO \"ARM64\" \"Linux\"", new StringField("CPU"), new StringField("OS")),
        new(RecordType.RP, "RP admin.example.com. info.example.com.", new NameField("mailbox"), new NameField("text name")),
        new(RecordType.LOC, "LOC 52 22 23.000 N 4 53 32.000 E 2m", new LocField()),
        new(RecordType.EUI48, "EUI48 00-00-5e-00-53-2a", new EuiField(6)),
        new(RecordType.EUI64, "EUI64 00-00-5e-ef-10-00-00-2a", new EuiField(8)),
    ];
}
