using System.Collections.Immutable;
using Edge.Acme;
using Microsoft.Extensions.Logging;

namespace Edge.Certificates;

/// <summary>
/// Asks each CA when it wants its certificates renewed (RFC 9773): at once after issuance, then as often as the CA says.
/// What it answers moves the renewal; what it does not answer changes nothing.
/// </summary>
/// <param name="manager">Knows the certificates and takes the answers.</param>
/// <param name="issuers">The public CAs.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told about answers and their absence.</param>
internal sealed partial class RenewalLooks(CertificateManager manager, ImmutableArray<PublicIssuer> issuers, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan AfterFailure = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestPatience = TimeSpan.FromMinutes(1);

    private readonly Dictionary<CertificateId, Task> _running = [];

    /// <summary>Starts the looks that are due and returns how long no other will be.</summary>
    public TimeSpan StartDue(CancellationToken cancel)
    {
        foreach (var done in _running.Where(pair => pair.Value.IsCompleted).Select(pair => pair.Key).ToArray())
        {
            _running.Remove(done);
        }

        var now = time.GetUtcNow();
        var sleep = TimeSpan.MaxValue;
        foreach (var look in manager.Looks().Where(look => !_running.ContainsKey(look.Id)))
        {
            // A next look that is more than a day away was planned by a clock that has been set back since.
            if (look.DueAt > now && look.DueAt - now <= RenewalInfo.Latest)
            {
                sleep = look.DueAt - now < sleep ? look.DueAt - now : sleep;
            }
            else if (issuers.FirstOrDefault(issuer => issuer.Name == look.Id.Issuer) is { } issuer)
            {
                var task = LookAsync(issuer, look, cancel);
                _running[look.Id] = task;
                _ = task.ContinueWith(_ => manager.Wake(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
        }

        return sleep;
    }

    public Task EndAsync() => Task.WhenAll(_running.Values);

    private async Task LookAsync(PublicIssuer issuer, RenewalLook look, CancellationToken cancel)
    {
        await Task.Yield();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(LongestPatience);
        try
        {
            var info = await issuer.Main.GetRenewalInfoAsync(look.Certificate.Leaf, patience.Token).ConfigureAwait(false);
            manager.Counters.Looked();
            manager.TakeRenewalInfo(look, info, time.GetUtcNow() + (info?.RetryAfter ?? RenewalInfo.Latest), Random.Shared.NextDouble);
            if (info is not null)
            {
                Log.Said(logger, look.Id.Name, issuer.Name, info.Start, info.End, info.Explanation ?? "no reason given");
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The program ends; the next run asks.
        }
        catch (Exception failed)
        {
            var wait = failed is AcmeException { RetryAfter: { } asked } ? asked : AfterFailure;
            manager.TakeRenewalInfo(look, null, time.GetUtcNow() + TimeSpan.FromTicks(Math.Clamp(wait.Ticks, RenewalInfo.Soonest.Ticks, RenewalInfo.Latest.Ticks)), Random.Shared.NextDouble);
            Log.SaidNothing(logger, look.Id.Name, issuer.Name, failed.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4113, LogLevel.Debug, "{Issuer} wants {Name} renewed between {Start:u} and {End:u} ({Explanation})")]
        public static partial void Said(ILogger logger, string name, string issuer, DateTimeOffset start, DateTimeOffset end, string explanation);

        [LoggerMessage(4114, LogLevel.Debug, "{Issuer} did not say when it wants {Name} renewed: {Reason}")]
        public static partial void SaidNothing(ILogger logger, string name, string issuer, string reason);
    }
}
