using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Wire;
using Microsoft.Extensions.Logging;

namespace Edge.Certificates;

/// <summary>
/// Waits until the secondaries of a zone have a challenge's record as well: a CA asks any of a zone's servers, from several places at once,
/// and counts what fails. One that does not answer for the zone, or not at all, is waited for no longer: it may not be meant for everybody.
/// </summary>
/// <param name="zones">Our own zones.</param>
/// <param name="ofZone">The secondaries of a zone.</param>
/// <param name="ask">Asks one server for the texts at a name; null when it is silent.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told whom nothing was heard of.</param>
internal sealed partial class SecondaryServers(
    OwnZones zones, Func<Name, ImmutableArray<IPEndPoint>> ofZone, Func<IPEndPoint, Name, CancellationToken, Task<Message?>> ask, TimeProvider time, ILogger logger)
{
    private const int MostSilences = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Null when each secondary answers the record; else what is wrong, for a person.</summary>
    public async Task<string?> WhyNotServedAsync(ChallengeRecord record, CancellationToken cancel)
    {
        ImmutableArray<IPEndPoint> servers = zones.OriginOf(record.Owner) is { } origin ? ofZone(origin) : [];
        var problems = await Task.WhenAll(servers.Select(server => WaitAsync(server, record, cancel))).ConfigureAwait(false);
        return problems.FirstOrDefault(problem => problem is not null);
    }

    private async Task<string?> WaitAsync(IPEndPoint server, ChallengeRecord record, CancellationToken cancel)
    {
        var (start, silences) = (time.GetTimestamp(), 0);
        while (true)
        {
            var answer = await ask(server, record.Owner, cancel).ConfigureAwait(false);
            if (answer?.Answer.Exists(found => found.Type == RecordType.TXT && found.Owner == record.Owner && found.Data == RData.Text(record.Text)) == true)
            {
                return null;
            }

            if (answer is not { Rcode: Rcode.NoError or Rcode.NxDomain } || !answer.Flags.HasFlag(MessageFlags.Authoritative))
            {
                if (++silences == MostSilences)
                {
                    Log.NotAsked(logger, server, record.Owner, answer is null ? "no answer" : $"{answer.Rcode}, not of the zone's own");
                    return null;
                }
            }
            else if (time.GetElapsedTime(start) > Patience)
            {
                return $"the secondary {server} does not have the TXT record at {record.Owner} after {Patience.TotalMinutes} minutes: does NOTIFY reach it, and may it transfer the zone?";
            }

            await Task.Delay(Pause, time, cancel).ConfigureAwait(false);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4146, LogLevel.Warning, "Nobody knows whether the secondary {Server} has the TXT record at {Owner} ({Reason}); the CA is told all the same")]
        public static partial void NotAsked(ILogger logger, IPEndPoint server, Name owner, string reason);
    }
}
