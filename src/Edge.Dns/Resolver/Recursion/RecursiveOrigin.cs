using Edge.Dns.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Dns.Resolver.Recursion;

/// <summary>
/// Answers from the name servers of the zones themselves, beginning at the root (RFC 1034 §5.3.3): no resolver of anybody
/// else is needed. Aliases are followed from zone to zone, each part asked where it belongs.
/// </summary>
internal sealed partial class RecursiveOrigin : IAnswerOrigin, IDisposable
{
    // With no reply from anywhere for this long it is the network, not the zone.
    private const long NetworkIsDownAfter = 5000;

    private readonly CancellationTokenSource _ended = new();
    private readonly RecursionContext _context;
    private readonly RootPriming? _priming;

    /// <param name="options">How servers are asked.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">The log.</param>
    /// <param name="link">The way to servers; null for the network.</param>
    /// <param name="top">Where every search begins; null for the root.</param>
    /// <param name="others">Who is asked for the addresses of servers that do not lie below the top.</param>
    public RecursiveOrigin(RecursionOptions options, TimeProvider time, ILogger? log = null, IServerLink? link = null, Delegation? top = null, IAnswerOrigin? others = null)
    {
        _context = new RecursionContext(options, link ?? new ServerLink(), time, log ?? NullLogger.Instance, top, others);
        _priming = top is not null ? null : new RootPriming(_context, _ended.Token);
    }

    /// <summary>Counts since start, and what is known now.</summary>
    public RecursionStats Stats => new(_context.Counters.Queries, _context.Counters.TcpQueries, _context.Counters.Timeouts, _context.Counters.Lame,
        _context.Counters.Merged, _context.Cuts.Count, _context.Servers.Count, _context.Cuts.IsPrimed(_context.Now));

    /// <inheritdoc/>
    public Task<OriginAnswer> AskAsync(QuestionKey key, CancellationToken deadline) => AskAsync(key, static _ => null, deadline);

    /// <summary>The same where some names are somebody else's.</summary>
    /// <param name="key">The question.</param>
    /// <param name="elsewhere">Who is asked when an alias leads to that name; null for what the root leads to.</param>
    /// <param name="deadline">Ends the question.</param>
    public async Task<OriginAnswer> AskAsync(QuestionKey key, Func<Name, IAnswerOrigin?> elsewhere, CancellationToken deadline)
    {
        _priming?.StartIfDue();
        var pursuit = new Pursuit(new QuestionBudget(_context.Options.MaxQueries, _context.Options.MaxAddressLookups), deadline);
        var answer = new Message { Flags = MessageFlags.Response };
        answer.Questions.Add(new Question(key.Name, key.Type));
        var seen = new HashSet<Name>();
        var next = key;
        while (true)
        {
            var reply = await new Walk(_context, pursuit, next).RunAsync().ConfigureAwait(false);
            if (!reply.IsFinal)
            {
                return Failure(key, reply);
            }

            Take(reply, answer);
            if (reply.Kind != AuthorityReplyKind.Alias)
            {
                answer.Rcode = reply.Kind == AuthorityReplyKind.NxDomain ? Rcode.NxDomain : Rcode.NoError;
                return OriginAnswer.Of(answer, reply.From);
            }

            // Loops and chains without end are told apart for the reader only.
            seen.UnionWith(answer.Answer.Where(record => record.Type == RecordType.CNAME).Select(record => record.Owner));
            if (seen.Contains(reply.Target!) || seen.Count > AliasChain.MaxLength)
            {
                return Failure(key, AuthorityReply.Failed(seen.Contains(reply.Target!) ? $"the aliases of {key.Name} lead in a circle" : $"{key.Name} has more than {AliasChain.MaxLength} aliases"));
            }

            next = QuestionKey.LowerCase(reply.Target!.Wire, key.Type, key.KeyFlags);
            if (elsewhere(next.Name) is { } other)
            {
                return Join(answer, await other.AskAsync(next, deadline).ConfigureAwait(false));
            }
        }
    }

    public void Dispose() => _ended.Cancel();

    private static OriginAnswer Join(Message answer, OriginAnswer rest)
    {
        if (rest.Message is not { } message)
        {
            return rest;
        }

        answer.Answer.AddRange(message.Answer);
        answer.Authority.AddRange(message.Authority);
        answer.Rcode = message.Rcode;
        return OriginAnswer.Of(answer, rest.From);
    }

    // Proofs of every part, for who validates; the SOA of the last part only, as it is about the whole answer.
    private static void Take(AuthorityReply reply, Message answer)
    {
        answer.Answer.AddRange(reply.Answer);
        answer.Authority.AddRange(reply.Authority);
    }

    private OriginAnswer Failure(QuestionKey key, AuthorityReply reply)
    {
        Log.NotResolved(_context.Log, key.Name, key.Type, reply.Reason);
        var lastReplyAt = _context.Servers.Families.LastReplyAt;
        var isNetwork = !reply.WasAnswered && (lastReplyAt < 0 || _context.Now - lastReplyAt > NetworkIsDownAfter);
        // What fails for want of a network says nothing about the name, and is not to be remembered about it.
        return isNetwork ? OriginAnswer.Failed(ExtendedErrorCode.NetworkError, $"no name server can be reached ({reply.Reason})", wasAsked: false)
            : OriginAnswer.Failed(ExtendedErrorCode.NoReachableAuthority, reply.Reason);
    }

    private static partial class Log
    {
        [LoggerMessage(1333, LogLevel.Debug, "{Name} {Type} cannot be resolved: {Reason}")]
        public static partial void NotResolved(ILogger logger, Name name, RecordType type, string reason);
    }
}
