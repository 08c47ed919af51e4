using Edge.Dns.Wire;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Resolver.Recursion;

/// <summary>
/// Asks one of the servers in the hints who the root's servers are now (RFC 8109 §3). Nobody waits for it: until it has an
/// answer the hints do. A question of a client sets it off, so that an idle server is silent.
/// </summary>
internal sealed partial class RootPriming(RecursionContext context, CancellationToken ended)
{
    private const long Pause = 10_000;
    private const int MaxQueries = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private long _nextAt;

    /// <summary>Starts when what was known of the root is over, or never was.</summary>
    public void StartIfDue()
    {
        var now = context.Now;
        var due = Volatile.Read(ref _nextAt);
        if (!context.Cuts.IsPrimed(now) && now >= due && Interlocked.CompareExchange(ref _nextAt, now + Pause, due) == due)
        {
            _ = RunAsync();
        }
    }

    private async Task RunAsync()
    {
        try
        {
            using var timer = new CancellationTokenSource(Patience, context.Clock.Time);
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, ended);
            var pursuit = new Pursuit(new QuestionBudget(MaxQueries, 0), deadline.Token);
            // RFC 8109 §3.3 leaves DO to us. The addresses in the reply are not signed, so it would only make it long.
            var question = new QuestionKey(Name.Root, RecordType.NS, 0);
            var reply = await new ZoneInquiry(context, pursuit, context.Cuts.FindClosest(Name.Root, context.Now), question).AskAsync().ConfigureAwait(false);
            if (!context.Cuts.IsPrimed(context.Now) && !ended.IsCancellationRequested)
            {
                Log.NotPrimed(context.Log, reply.IsFinal ? "the answer names no server with an address" : reply.Reason);
            }
        }
        catch (Exception error)
        {
            Log.Failed(context.Log, error);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1331, LogLevel.Warning, "No server of the root told who the root's servers are: {Reason}")]
        public static partial void NotPrimed(ILogger logger, string reason);

        [LoggerMessage(1332, LogLevel.Error, "Asking for the root's servers broke off")]
        public static partial void Failed(ILogger logger, Exception error);
    }
}
