using Edge.Dns.Queries;
using Edge.Dns.Resolver;
using Edge.Dns.Wire;

namespace Edge.Dns.Nameserver;

/// <summary>Completes a chain of aliases that begins in our zones and ends outside of them.</summary>
internal static class ChainCompletion
{
    /// <param name="recursor">Who knows the rest.</param>
    /// <param name="chain">The answer so far.</param>
    /// <param name="target">The name at which it ended.</param>
    /// <param name="notes">Receives who knows it.</param>
    /// <param name="answer">Receives the whole answer.</param>
    /// <param name="limit">Longest answer in bytes.</param>
    /// <param name="cancel">Ends the wait.</param>
    public static async ValueTask<int> ResolveAsync(
        IRecursor recursor, Message chain, Name target, QueryNotes notes, Memory<byte> answer, int limit, CancellationToken cancel)
    {
        var question = new Message
        {
            Id = chain.Id,
            Flags = MessageFlags.RecursionDesired | (chain.Flags & MessageFlags.CheckingDisabled),
            Edns = new Edns(Edns.SafePayloadSize, chain.Edns?.DnssecOk ?? false),
        };
        question.Questions.Add(new Question(target, chain.Questions[0].Type));
        var buffer = new byte[Message.MaxLength];
        var length = await recursor.ResolveAsync(question.ToArray(), buffer, buffer.Length, cancel, notes).ConfigureAwait(false);
        if (Message.TryParse(buffer.AsSpan(0, length), out var rest, out _))
        {
            chain.Rcode = rest.Rcode;
            chain.Answer.AddRange(rest.Answer);
            chain.Authority.AddRange(rest.Authority);
            if (chain.Edns is not null && rest.Edns is not null)
            {
                // Why the rest failed is worth knowing; other options are between us and the upstream.
                chain.Edns = chain.Edns with { Options = rest.Edns.Options.RemoveAll(option => option.Code != EdnsOption.ExtendedErrorOption) };
            }
        }
        else
        {
            chain.Rcode = Rcode.ServFail;
        }

        return chain.Write(answer.Span[..limit]);
    }
}
