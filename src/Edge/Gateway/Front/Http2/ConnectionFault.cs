namespace Edge.Gateway.Front.Http2;

/// <summary>A client has done what ends its connection (RFC 9113 section 5.4.1).</summary>
internal sealed class ConnectionFault(ErrorCode code, string reason) : Exception(reason)
{
    public ErrorCode Code => code;
}
