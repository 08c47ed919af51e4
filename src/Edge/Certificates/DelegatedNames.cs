using System.Collections.Concurrent;
using Edge.Acme;

namespace Edge.Certificates;

/// <summary>
/// Which names of other zones a CA can be shown to be ours by an alias: <c>_acme-challenge.NAME</c> leads into a zone of
/// ours. The rest of the world is asked in the background; until it has answered, a name counts as none of ours. While nobody
/// can say, the last answer holds.
/// </summary>
/// <param name="targets">Follows the aliases.</param>
/// <param name="time">The clock.</param>
/// <param name="changed">Called when another name turned out to be ours, or none any more.</param>
internal sealed class DelegatedNames(ChallengeTargets targets, TimeProvider time, Action changed)
{
    private const int MostNames = 1000;
    private const int AtOnce = 8;
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(10);

    // Plans are made at least once a minute: a name that none of them has asked about is gone.
    private static readonly TimeSpan Wanted = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, KnownName> _known = new(StringComparer.Ordinal);
    private Task _looking = Task.CompletedTask;

    /// <summary>Whether the alias was there when it was looked for last.</summary>
    public bool IsOurs(string host)
    {
        if (_known.TryGetValue(host, out var known))
        {
            known.Asked = time.GetUtcNow();
            return known.Ours;
        }

        // To be looked for at the next wake; a flood of hosts does not make it grow without end.
        if (_known.Count < MostNames)
        {
            _known.TryAdd(host, new KnownName { Asked = time.GetUtcNow() });
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
        foreach (var gone in _known.Where(pair => (now - pair.Value.Asked).Duration() > Wanted).Select(pair => pair.Key).ToList())
        {
            _known.TryRemove(gone, out _);
        }

        var old = _known.Where(pair => (now - pair.Value.Seen).Duration() > Fresh).ToList();
        var news = 0;
        try
        {
            await Parallel.ForEachAsync(old, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel }, async (pair, token) =>
            {
                var (host, known) = pair;
                if (await LeadsToUsAsync(host, token).ConfigureAwait(false) is not { } ours)
                {
                    return;
                }

                known.Seen = now;
                if (known.Ours != ours)
                {
                    // Several are looked for at once.
                    Interlocked.Exchange(ref news, 1);
                    known.Ours = ours;
                }
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

    // Null: nobody can say.
    private async Task<bool?> LeadsToUsAsync(string host, CancellationToken cancel)
    {
        try
        {
            await targets.ResolveAsync(ChallengeRecords.OwnerOf(host), cancel).ConfigureAwait(false);
            return true;
        }
        catch (IssuanceException unknown) when (unknown.Passes)
        {
            return null;
        }
        catch (Exception none) when (none is IssuanceException or FormatException)
        {
            return false;
        }
    }

    private sealed class KnownName
    {
        public volatile bool Ours;

        public DateTimeOffset Seen { get; set; } = DateTimeOffset.MinValue;

        public DateTimeOffset Asked { get; set; }
    }
}
