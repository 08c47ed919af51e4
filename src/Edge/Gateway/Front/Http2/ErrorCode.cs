namespace Edge.Gateway.Front.Http2;

/// <summary>Why a stream or a connection ends (RFC 9113 section 7).</summary>
internal enum ErrorCode : uint
{
    None = 0,
    Protocol = 1,
    Internal = 2,
    FlowControl = 3,
    StreamClosed = 5,
    FrameSize = 6,
    RefusedStream = 7,
    Cancel = 8,
    Compression = 9,
    EnhanceYourCalm = 0xb,
}
