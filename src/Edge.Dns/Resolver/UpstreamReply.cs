namespace Edge.Dns.Resolver;

/// <summary>How asking an upstream ended, with the message or the reason in words.</summary>
internal readonly record struct UpstreamReply(ReplyKind Kind, byte[] Message, string? Error)
{
    public static UpstreamReply Of(ReadOnlySpan<byte> message) => new(ReplyKind.Message, message.ToArray(), null);

    public static UpstreamReply Failed(ReplyKind kind, string error) => new(kind, [], error);
}
