using Edge.Dns.Wire;

namespace Edge.Dns.Resolver;

/// <summary>Says whether an answer is what the owners of the zones signed (RFC 4035 §5).</summary>
internal interface IAnswerValidator
{
    /// <summary>Whether answers are validated now; while they are not, questions go out as clients ask them.</summary>
    bool IsReady => true;

    /// <summary>Finds out whether answers can be validated where that is not known yet; returns at once, and asks no more often than is good.</summary>
    void Prepare()
    {
    }

    /// <summary>Judges a message that was asked for with DO. Asks for keys where it needs them; never throws for trouble with the network.</summary>
    /// <param name="key">The question.</param>
    /// <param name="message">The answer with its signatures and proofs.</param>
    /// <param name="deadline">Ends the search for keys.</param>
    Task<Verdict> ValidateAsync(QuestionKey key, Message message, CancellationToken deadline);

    /// <summary>An answer that follows from proofs seen before (RFC 8198): what there is not; null when nothing follows.</summary>
    /// <param name="key">The question.</param>
    Message? Synthesise(QuestionKey key);
}
