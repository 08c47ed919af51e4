namespace Edge.Gateway.Front.Http2;

/// <summary>How many bytes of bodies a client takes over all streams together (RFC 9113 section 5.2).</summary>
internal sealed class SendWindow
{
    /// <summary>What there is at the beginning (section 6.9.2).</summary>
    public const int Initial = 0xFFFF;

    public long Left { get; private set; } = Initial;

    /// <summary>So many were sent.</summary>
    public void Take(int count) => Left -= count;

    /// <summary>The client takes so many more.</summary>
    /// <exception cref="ConnectionFault">They are too many (section 6.9.1).</exception>
    public void Grow(int by)
    {
        Left += by;
        if (Left > int.MaxValue)
        {
            throw new ConnectionFault(ErrorCode.FlowControl, "A window that is too large.");
        }
    }
}
