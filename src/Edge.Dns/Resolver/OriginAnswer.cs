using Edge.Dns.Wire;

namespace Edge.Dns.Resolver;

/// <summary>What an origin found out: a message with NOERROR or NXDOMAIN that belongs to the question, or why there is none.</summary>
internal sealed record OriginAnswer
{
    private OriginAnswer()
    {
    }

    /// <summary>The message as it came, its question in lower case; null when there is none.</summary>
    public Message? Message { get; private init; }

    /// <summary>Who said it, for reports and logs.</summary>
    public string From { get; private init; } = "";

    /// <summary>An EDE option in wire form for the client (RFC 8914), when there is no message.</summary>
    public byte[] ExtendedError { get; private init; } = [];

    /// <summary>False when nobody was asked since nobody can be: then there is nothing to remember about the name.</summary>
    public bool WasAsked { get; private init; } = true;

    public static OriginAnswer Of(Message message, string from) => new() { Message = message, From = from };

    public static OriginAnswer Failed(byte[] extendedError, bool wasAsked = true) => new() { ExtendedError = extendedError, WasAsked = wasAsked };

    public static OriginAnswer Failed(ExtendedErrorCode code, string trouble, bool wasAsked = true) =>
        Failed(AnswerBuilder.ErrorOption(code, trouble), wasAsked);
}
