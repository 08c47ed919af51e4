using System.Collections.Concurrent;
using Edge.Acme;

namespace Edge.Certificates;

/// <summary>
/// Which names of other zones a CA can be shown to be ours by an alias: <c>_acme-challenge.NAME</c> leads into a zone of
/// ours. The rest of the world is asked in the background; until it has answered, a name counts as none of ours.
/// </summary>
/// <param name="targets">Follows the aliases.</param>
/// <param name="time">The clock.</param>
/// <param name="changed">Called when another name turned out to be ours, or none any more.</param>
internal sealed class DelegatedNames(ChallengeTargets targets, TimeProvider time, Action changed)
{
    private const int MostNames = 1000;
    private const int AtOnce = 8;
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, (bool Ours, DateTimeOffset Seen)> _known = new(StringComparer.Ordinal);
    private Task _looking = Task.CompletedTask;

    /// <summary>Whether the alias was there when it was looked for last.</summary>
    public bool IsOurs(string host)
    {
        if (_known.TryGetValue(host, out var known))
        {
            return known.Ours;
        }

        // To be looked for at the next wake; a flood of hosts does not make it grow without end.
        if (_known.Count < MostNames)
        {
            _known.TryAdd(host, (false, DateTimeOffset.MinValue));
        }

        return false;
    }

    /// <summary>Starts looking for what is unknown or old, unless that goes on already.</summary>
    public void Refresh(CancellationToken cancel)
    {
        if (_looking.IsCompleted)
        {
            _looking = LookAsync(cancel);
        }
    }

    private async Task LookAsync(CancellationToken cancel)
    {
        await Task.Yield();
        var now = time.GetUtcNow();
        var old = _known.Where(pair => (now - pair.Value.Seen).Duration() > Fresh).Select(pair => pair.Key).ToList();
        var news = 0;
        try
        {
            await Parallel.ForEachAsync(old, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel }, async (host, token) =>
            {
                var ours = await LeadsToUsAsync(host, token).ConfigureAwait(false);
                if (_known[host].Ours != ours)
                {
                    // Several are looked for at once.
                    Interlocked.Exchange(ref news, 1);
                }

                _known[host] = (ours, now);
            }).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        if (Volatile.Read(ref news) == 1)
        {
            changed();
        }
    }

    private async Task<bool> LeadsToUsAsync(string host, CancellationToken cancel)
    {
        try
        {
            await targets.ResolveAsync(ChallengeRecords.OwnerOf(host), cancel).ConfigureAwait(false);
            return true;
        }
        catch (Exception none) when (none is IssuanceException or FormatException)
        {
            return false;
        }
    }
}
