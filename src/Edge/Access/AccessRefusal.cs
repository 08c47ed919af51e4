namespace Edge.Access;

/// <summary>Why a request goes no further, for a page that says so.</summary>
/// <param name="Status">The HTTP status code.</param>
/// <param name="Title">One line.</param>
/// <param name="Detail">What it means for who asks.</param>
internal sealed record AccessRefusal(int Status, string Title, string Detail)
{
    /// <summary>A request that was answered already: nothing is left to write.</summary>
    public static readonly AccessRefusal Answered = new(0, "", "");

    /// <summary>A header that belongs to the answer: WWW-Authenticate, Retry-After.</summary>
    public KeyValuePair<string, string>? Header { get; init; }

    /// <summary>What it says of the client that it was refused; null when it says nothing.</summary>
    public OffenceKind? Offence { get; init; }
}
