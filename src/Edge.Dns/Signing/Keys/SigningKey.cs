namespace Edge.Dns.Signing.Keys;

/// <summary>A key in use, and how far: every one of them is in the DNSKEY set, and every entry point signs that set.</summary>
/// <param name="Key">The key.</param>
/// <param name="Signs">Whether it signs the zone's data; a KSK never does.</param>
/// <param name="Announced">Whether the parent's DS shall name it: CDS and CDNSKEY say so (RFC 7344 §4).</param>
/// <param name="Since">When it came to this.</param>
public sealed record SigningKey(ZoneKey Key, bool Signs, bool Announced, DateTimeOffset Since);
