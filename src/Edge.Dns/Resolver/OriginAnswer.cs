using Edge.Dns.Wire;

namespace Edge.Dns.Resolver;

/// <summary>What an origin found out: a message with NOERROR or NXDOMAIN that belongs to the question, or why there is none.</summary>
internal sealed record OriginAnswer
{
    private Message? _message;

    private OriginAnswer()
    {
    }

    /// <summary>The message as it came, its question in lower case; null when there is none.</summary>
    public Message? Message
    {
        get => _message ??= Wire is not null && Message.TryParse(Wire, out var message, out _) ? message : null;
        private init => _message = value;
    }

    /// <summary>The same in wire form, where it was not read yet; null otherwise.</summary>
    public byte[]? Wire { get; private init; }

    /// <summary>Who said it, for reports and logs.</summary>
    public string From { get; private init; } = "";

    /// <summary>An EDE option in wire form for the client (RFC 8914), when there is no message.</summary>
    public byte[] ExtendedError { get; private init; } = [];

    /// <summary>False when nobody was asked since nobody can be: then there is nothing to remember about the name.</summary>
    public bool WasAsked { get; private init; } = true;

    public static OriginAnswer Of(Message message, string from) => new() { Message = message, From = from };

    /// <summary>A message that can be read; who needs only a part of it does not have to read all.</summary>
    public static OriginAnswer Of(byte[] wire, string from) => new() { Wire = wire, From = from };

    public static OriginAnswer Failed(byte[] extendedError, bool wasAsked = true) => new() { ExtendedError = extendedError, WasAsked = wasAsked };

    public static OriginAnswer Failed(ExtendedErrorCode code, string trouble, bool wasAsked = true) =>
        Failed(AnswerBuilder.ErrorOption(code, trouble), wasAsked);
}
