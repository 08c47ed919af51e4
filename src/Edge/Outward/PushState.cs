namespace Edge.Outward;

/// <summary>What is known of one name, as the store keeps it: what was sent is not sent again after a restart, and who said no is not asked again.</summary>
/// <param name="Host">The name.</param>
/// <param name="Outcome">What became of the last push.</param>
/// <param name="Why">The reason in words.</param>
/// <param name="Sent">What the name has since then; null while nothing was taken.</param>
/// <param name="Looked">When the other side was asked last.</param>
/// <param name="Next">When it is asked again without a change here.</param>
/// <param name="Basis">A digest of the settings and the secret that this came of.</param>
/// <param name="Failures">How often in a row it did not work.</param>
internal sealed record PushState(string Host, PushOutcome Outcome, string Why, PushedAddresses? Sent, DateTimeOffset Looked, DateTimeOffset Next, string Basis, int Failures)
{
    /// <summary>What was sent last, whether it was taken or not.</summary>
    public PushedAddresses? Tried { get; init; }

    /// <summary>Who took <see cref="Sent"/>, as <see cref="OutwardName.Provider"/> names it; null in what an older version kept.</summary>
    public string? SentTo { get; init; }

    /// <summary>When the other side may be asked again if there is something else to say.</summary>
    public DateTimeOffset Earliest { get; init; }

    /// <summary>Whether a provider took what this box sent before. What another one took says nothing of it.</summary>
    public bool HasSentTo(string provider) => Sent is not null && (SentTo is null || SentTo == provider);
}
