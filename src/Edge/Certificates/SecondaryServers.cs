using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Edge.Dns.Wire;
using Microsoft.Extensions.Logging;

namespace Edge.Certificates;

/// <summary>
/// Waits until the secondaries of a zone have a challenge's record as well: a CA asks any of a zone's servers, from several places at once,
/// and counts what fails. One that does not answer for the zone, or not at all, is waited for no longer: it may not be meant for everybody.
/// One that stays behind is a reason not to tell the CA when the zone names it; nobody else finds it.
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

    /// <summary>Null when each secondary that a CA may ask answers the record; else what is wrong, for a person.</summary>
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
                if (!IsNamed(server, record.Owner))
                {
                    Log.Behind(logger, server, record.Owner, Patience);
                    return null;
                }

                return $"the secondary {server} does not have the TXT record at {record.Owner} after {Patience.TotalMinutes} minutes: does NOTIFY reach it, and may it transfer the zone?";
            }

            await Task.Delay(Pause, time, cancel).ConfigureAwait(false);
        }
    }

    // By the zone's NS records and the addresses of their targets, as far as they stand in our own zones.
    private bool IsNamed(IPEndPoint server, Name owner)
    {
        if (zones.OriginOf(owner) is not { } origin)
        {
            return false;
        }

        var (type, address) = (server.AddressFamily == AddressFamily.InterNetworkV6 ? RecordType.AAAA : RecordType.A, RData.Address(server.Address));
        return DataOf(origin, RecordType.NS).Any(target => DataOf(Name.FromWire(target.Wire), type).Contains(address));
    }

    private IEnumerable<RData> DataOf(Name name, RecordType type) =>
        zones.Look(name, type).SelectMany(found => found.RRsets).Where(set => set.Type == type).SelectMany(set => set.Data);

    private static partial class Log
    {
        [LoggerMessage(4147, LogLevel.Warning, "The secondary {Server} does not have the TXT record at {Owner} after {Patience}; no NS record of the zone is known to name it, and the CA is told all the same")]
        public static partial void Behind(ILogger logger, IPEndPoint server, Name owner, TimeSpan patience);

        [LoggerMessage(4146, LogLevel.Warning, "Nobody knows whether the secondary {Server} has the TXT record at {Owner} ({Reason}); the CA is told all the same")]
        public static partial void NotAsked(ILogger logger, IPEndPoint server, Name owner, string reason);
    }
}
