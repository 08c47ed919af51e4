namespace Edge.Certificates;

/// <summary>How obtaining a certificate goes. Kept on disk: a restart does not begin the ladder anew.</summary>
internal sealed record RenewalState
{
    public static readonly RenewalState Fresh = new();

    /// <summary>Failures since the last success.</summary>
    public int Attempts { get; init; }

    /// <summary>Why the last attempt failed; null when it did not.</summary>
    public string? Reason { get; init; }

    public DateTimeOffset? LastTry { get; init; }

    /// <summary>Not before this time.</summary>
    public DateTimeOffset? NextTry { get; init; }

    /// <summary>Whether the ladder allows an attempt now. A last try in the future says that the clock was set back: then the plan is void.</summary>
    public bool MayTry(DateTimeOffset now) => NextTry is not { } next || now >= next || LastTry > now;
}
