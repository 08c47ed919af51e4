namespace Edge.Dns.Resolver;

/// <summary>Where answers come from that are not in the cache: upstream resolvers, or the name servers of the zones themselves.</summary>
internal interface IAnswerOrigin
{
    /// <summary>Whether it ends every question by itself, so that nobody needs to watch the time for it.</summary>
    bool KeepsTime => false;

    /// <summary>Whether the answer to a question is believed without signatures, since it comes from where our own zones say.</summary>
    bool IsTakenAsItIs(QuestionKey key) => false;

    /// <summary>Learns what the world says to one question. Never throws for trouble with the network or with servers.</summary>
    /// <param name="key">The question, its name in lower case; DO and CD are passed on.</param>
    /// <param name="deadline">Ends the question: what is not known then is a failure.</param>
    Task<OriginAnswer> AskAsync(QuestionKey key, CancellationToken deadline);
}
