using System.Collections.Concurrent;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Recursion;

/// <summary>
/// Equal questions to the servers of one zone, on their way at the same time, are asked once. What is shared never waits for
/// another search, so that two of them cannot wait for each other.
/// </summary>
internal sealed class SharedInquiries
{
    private readonly ConcurrentDictionary<(Name Zone, Name Name, RecordType Type, bool DnssecOk, int Round), Task<AuthorityReply>> _flights = new();

    /// <summary>The reply to the question, asked here or by somebody else.</summary>
    /// <param name="key">Zone, question, and how often the zone's servers were gone through for it.</param>
    /// <param name="ask">Asks; must not throw.</param>
    /// <param name="onMerged">Called when somebody else asks.</param>
    /// <param name="deadline">Ends the wait.</param>
    public async Task<AuthorityReply> AskAsync(
        (Name Zone, Name Name, RecordType Type, bool DnssecOk, int Round) key, Func<Task<AuthorityReply>> ask, Action onMerged, CancellationToken deadline)
    {
        while (true)
        {
            var mine = new TaskCompletionSource<AuthorityReply>(TaskCreationOptions.RunContinuationsAsynchronously);
            var flight = _flights.GetOrAdd(key, mine.Task);
            if (flight == mine.Task)
            {
                return await LeadAsync(key, ask, mine).ConfigureAwait(false);
            }

            onMerged();
            try
            {
                var reply = await flight.WaitAsync(deadline).ConfigureAwait(false);
                // Whoever asked ran out of time or of budget; that is not our end.
                if (reply.Kind != AuthorityReplyKind.Aborted)
                {
                    return reply;
                }
            }
            catch (OperationCanceledException)
            {
                return AuthorityReply.Aborted("the time is over");
            }
        }
    }

    private async Task<AuthorityReply> LeadAsync(
        (Name Zone, Name Name, RecordType Type, bool DnssecOk, int Round) key, Func<Task<AuthorityReply>> ask, TaskCompletionSource<AuthorityReply> landing)
    {
        var reply = AuthorityReply.Aborted("broken off");
        try
        {
            reply = await ask().ConfigureAwait(false);
        }
        finally
        {
            _flights.TryRemove(key, out _);
            landing.SetResult(reply);
        }

        return reply;
    }
}
