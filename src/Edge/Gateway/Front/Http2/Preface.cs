namespace Edge.Gateway.Front.Http2;

/// <summary>What each client begins with (RFC 9113 section 3.4).</summary>
internal static class Preface
{
    public static ReadOnlySpan<byte> Bytes => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;
}
