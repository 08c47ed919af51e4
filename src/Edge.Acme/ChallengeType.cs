namespace Edge.Acme;

/// <summary>The ways to prove control of a name.</summary>
public static class ChallengeType
{
    /// <summary>RFC 8555 §8.3.</summary>
    public const string Http01 = "http-01";

    /// <summary>RFC 8555 §8.4.</summary>
    public const string Dns01 = "dns-01";

    /// <summary>RFC 8737.</summary>
    public const string TlsAlpn01 = "tls-alpn-01";

    /// <summary>draft-ietf-acme-dns-persist.</summary>
    public const string DnsPersist01 = "dns-persist-01";

    /// <summary>draft-ietf-acme-dns-account-label.</summary>
    public const string DnsAccount01 = "dns-account-01";

    /// <summary>Every way that is known here.</summary>
    public static readonly System.Collections.Immutable.ImmutableArray<string> All = [Dns01, Http01, TlsAlpn01, DnsPersist01, DnsAccount01];
}
