using System.Net;
using Edge.Dns.Wire;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Resolver.Recursion;

/// <summary>One question to the servers of one zone, one after another until one is of use.</summary>
/// <param name="context">What is known.</param>
/// <param name="pursuit">For whom.</param>
/// <param name="cut">The zone.</param>
/// <param name="question">The question.</param>
/// <param name="isStep">Whether it is only a step towards another question: who refuses that is not lame yet.</param>
internal sealed partial class ZoneInquiry(RecursionContext context, Pursuit pursuit, Delegation cut, QuestionKey question, bool isStep = false)
{
    // More servers than this that all fail are no accident.
    private const int MaxAttempts = 8;
    private const int AttemptsPerServer = 2;
    private static readonly RecordType[] PlainTypes = [RecordType.A, RecordType.AAAA, RecordType.NS, RecordType.SOA];

    private readonly HashSet<IPAddress> _exhausted = [];
    private AuthorityReply _last = AuthorityReply.Failed("no address of its servers is known", wasAnswered: false);

    public async Task<AuthorityReply> AskAsync()
    {
        var lookup = new ServerLookup(context, pursuit, cut);
        for (var round = 0; !pursuit.Deadline.IsCancellationRequested; round++)
        {
            var servers = lookup.Known().Where(address => !_exhausted.Contains(address)).Select(context.Servers.Get).ToList();
            if (servers.Count > 0)
            {
                var key = (cut.Zone, question.Name, question.Type, question.DnssecOk, round);
                _last = await context.Shared.AskAsync(key, () => AskServersAsync([.. servers]), context.Counters.OnMerged, pursuit.Deadline).ConfigureAwait(false);
                if (_last.IsFinal || _last.Kind == AuthorityReplyKind.Aborted)
                {
                    return _last;
                }

                _exhausted.UnionWith(servers.Select(server => server.Address));
            }

            if (!await lookup.FindMoreAsync().ConfigureAwait(false))
            {
                return _exhausted.Count == 0 && lookup.Objection() is { } objection ? AuthorityReply.Failed(objection, wasAnswered: true) : _last;
            }
        }

        return AuthorityReply.Aborted("the time is over");
    }

    private async Task<AuthorityReply> AskServersAsync(List<ServerState> servers)
    {
        // Somebody may have got the same referral between our look at what is known and now.
        var closest = context.Cuts.FindClosest(Walk.DeepestZoneOf(question), context.Now);
        if (closest.Zone.LabelCount > cut.Zone.LabelCount)
        {
            return new AuthorityReply(AuthorityReplyKind.Referral) { Referral = closest };
        }

        var last = AuthorityReply.Failed($"all servers of {cut.Zone} are silent, or do not serve it", wasAnswered: false);
        var attempts = new Dictionary<ServerState, int>();
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (context.Servers.Choose(servers, cut.Zone, context.Now) is not { } server)
            {
                return last;
            }

            if (pursuit.Deadline.IsCancellationRequested || pursuit.Budget.IsSpent)
            {
                return AuthorityReply.Aborted(pursuit.Budget.IsSpent ? $"more than {context.Options.MaxQueries} queries" : "the time is over");
            }

            var reply = await new ServerInquiry(context, pursuit, server, question).AskAsync().ConfigureAwait(false);
            var read = Read(server, reply);
            if (read.IsFinal)
            {
                return read;
            }

            last = read;
            attempts[server] = attempts.GetValueOrDefault(server) + 1;
            // What it says once it says again; what is lost may get through at the second time.
            if (reply.Kind != ReplyKind.Timeout || attempts[server] >= AttemptsPerServer)
            {
                servers.Remove(server);
            }

            // A host without a route says so at once, which costs nothing and should not use up the attempts.
            attempt -= reply.Kind == ReplyKind.Unreachable ? 1 : 0;
        }

        return last;
    }

    private AuthorityReply Read(ServerState server, ServerReply reply)
    {
        if (reply.Message is not { } message)
        {
            return AuthorityReply.Failed($"{server.Address}: {reply.Reason}", wasAnswered: reply.Kind == ReplyKind.Message);
        }

        var now = context.Now;
        var read = new ReplyReader(context.Policy).Read(cut.Zone, question.Name, question.Type, message, now);
        if (read.IsFinal)
        {
            if (read.Apex is { } apex)
            {
                context.Cuts.PutApex(apex, cut, now);
            }

            return read with { From = server.Address.ToString(), Referral = read.Referral is { } referral ? context.Cuts.Put(referral, cut) : null };
        }

        // Some refuse a type and serve the others: that must not take the zone from everybody.
        if (read.Kind == AuthorityReplyKind.Lame)
        {
            Log.Lame(context.Log, server.Address, cut.Zone, read.Reason);
            context.Counters.OnLame();
            if (!isStep && PlainTypes.Contains(question.Type))
            {
                server.SetLame(cut.Zone, now);
            }
        }

        return read with { Reason = $"{server.Address}: {read.Reason}" };
    }

    private static partial class Log
    {
        [LoggerMessage(1330, LogLevel.Debug, "{Address} does not serve {Zone}: {Reason}")]
        public static partial void Lame(ILogger logger, IPAddress address, Name zone, string reason);
    }
}
