using Edge.Dns.Wire;

namespace Edge.Names;

/// <summary>The HTTPS record of a host behind the gateway (RFC 9460 §9).</summary>
internal static class HttpsRecord
{
    private const byte AlpnKey = 1;
    private const byte PortKey = 3;

    /// <summary>
    /// ServiceMode at the owner itself ("1 . alpn=h2"; http/1.1 is the default of the scheme, RFC 9460 §9.1.2), with the
    /// port where it is not 443, so that browsers find a gateway that runs without privileges. No address hints: the
    /// A and AAAA records of the same view are at the same owner.
    /// </summary>
    public static RData ForGateway(int port)
    {
        byte[] alpn = [0, 1, 0, 0, AlpnKey, 0, 3, 2, (byte)'h', (byte)'2'];
        return new RData(port == 443 ? alpn : [.. alpn, 0, PortKey, 0, 2, (byte)(port >> 8), (byte)port]);
    }
}
