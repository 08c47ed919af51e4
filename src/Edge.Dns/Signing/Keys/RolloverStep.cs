namespace Edge.Dns.Signing.Keys;

/// <summary>What a rollover waits for before it goes on.</summary>
public enum RolloverStep
{
    /// <summary>The new key is in the zone; resolvers that hold the old DNSKEY set have to forget it (RFC 6781 §4.1.1.1, §4.1.2).</summary>
    Published,

    /// <summary>The new key signs and is announced; the parent has to exchange the DS (RFC 6781 §4.1.2).</summary>
    Announced,

    /// <summary>The old key is no longer needed by anybody new; what resolvers hold of it has to expire.</summary>
    Retired,
}
