namespace Edge.Names.Designation;

/// <summary>An encrypted listener as clients find it.</summary>
internal sealed record DesignatedTransport(DesignatedProtocol Protocol, int Port)
{
    /// <summary>Where DNS over HTTPS is answered, as a template (RFC 9461 §5, RFC 8484 §4.1).</summary>
    public const string HttpsPath = "/dns-query{?dns}";

    /// <summary>The place in the list, from 1: smaller ones are tried first (RFC 9460 §2.4.1).</summary>
    public ushort Priority => (ushort)(Protocol + 1);

    /// <summary>What TLS calls the protocol: RFC 7858 registered "dot", RFC 9250 §4.1.1 "doq"; HTTP is spoken in version 2.</summary>
    public string Alpn => Protocol switch
    {
        DesignatedProtocol.Tls => "dot",
        DesignatedProtocol.Https => "h2",
        _ => "doq",
    };

    /// <summary>The port that a client assumes when none is named (RFC 9461 §4.2).</summary>
    public int UsualPort => Protocol == DesignatedProtocol.Https ? 443 : 853;

    /// <summary>
    /// The service parameters in wire form (RFC 9460 §2.2), keys ascending: alpn, port, and dohpath for HTTPS. No address
    /// hints: in DNS the addresses go along in the additional section, in DHCP they are forbidden (RFC 9463 §5.1).
    /// </summary>
    public byte[] Parameters()
    {
        var path = Protocol == DesignatedProtocol.Https ? Parameter(7, System.Text.Encoding.UTF8.GetBytes(HttpsPath)) : [];
        return [.. Parameter(1, [(byte)Alpn.Length, .. System.Text.Encoding.ASCII.GetBytes(Alpn)]), .. Parameter(3, [(byte)(Port >> 8), (byte)Port]), .. path];
    }

    private static byte[] Parameter(byte key, byte[] value) => [0, key, (byte)(value.Length >> 8), (byte)value.Length, .. value];
}
