using System.Collections.Immutable;
using System.Threading.Channels;
using Edge.Dns.Update.Journal;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Update;

/// <summary>
/// The one writer of what updates have changed. An update is worked out against everything before it, kept in the
/// journal, served, and only then answered; those that wait at the same time share one flush of the disk.
/// </summary>
public sealed partial class UpdateManager : IZoneSource, IAsyncDisposable
{
    private const int MostWaiting = 4096;
    private const int MostAtOnce = 512;

    private readonly Channel<PendingChange> _waiting = Channel.CreateBounded<PendingChange>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly ChangeJournal _journal;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Task _loop;
    private volatile ChangeSet _changes;
    private volatile ZoneContribution _current;

    private UpdateManager(ChangeJournal journal, TimeProvider time, ILogger logger)
    {
        (_journal, _time, _logger) = (journal, time, logger);
        _changes = journal.Opened;
        _current = Contribution(_changes);
        _loop = Task.Run(RunAsync);
    }

    /// <inheritdoc/>
    public string Name => "updates";

    /// <inheritdoc/>
    public ZoneContribution Current => _current;

    /// <summary>The same, to be looked up by name.</summary>
    internal ChangeSet Made => _changes;

    /// <summary>What differs from what is declared.</summary>
    public IEnumerable<ChangedRRset> Changes => _changes.All;

    /// <inheritdoc/>
    public event Action? Changed;

    /// <summary>Reads the journal; what it holds is served from the first query on.</summary>
    /// <param name="journal">The journal's path; it is made by the first update.</param>
    /// <param name="logger">Told about trouble with the journal, and about refusals.</param>
    /// <param name="time">The clock that stands in the source of each record.</param>
    public static UpdateManager Open(string journal, ILogger logger, TimeProvider time) => new(ChangeJournal.Open(journal, logger), time, logger);

    /// <summary>Gives RRsets back to what is declared.</summary>
    /// <param name="zone">The zone.</param>
    /// <param name="owner">The name; null for all names of the zone.</param>
    /// <param name="type">The type; null for all types.</param>
    /// <param name="view">The view; null for the zone itself and every view.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>How many there were.</returns>
    /// <exception cref="IOException">The journal cannot be written; nothing was changed.</exception>
    public async Task<int> ForgetAsync(Name zone, Name? owner, RecordType? type, string? view, CancellationToken cancel)
    {
        var forgotten = 0;
        foreach (var one in Changes.Where(change => change.Zone == zone).Select(change => change.View).Distinct().Where(one => view is null || one == view).ToList())
        {
            var count = 0;
            var refusal = await SubmitAsync(
                changes =>
                {
                    ImmutableArray<ChangeStep> steps =
                    [
                        .. changes.All.Where(change => change.Zone == zone && change.View == one && (owner is null || change.Owner == owner) && (type is null || change.Type == type))
                            .Select(change => new ChangeStep(change.Owner, change.Type, 0, [], Dropped: true)),
                    ];
                    count = steps.Length;
                    return new ChangeProposal(null, count == 0 ? null : new ChangeEntry(zone, one, "forgotten by command", steps));
                },
                cancel).ConfigureAwait(false);
            forgotten += refusal is null ? count : throw new IOException(refusal.Why);
        }

        return forgotten;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
        _journal.Dispose();
    }

    /// <summary>Makes a change when its turn comes.</summary>
    /// <param name="evaluate">Works it out against the changes before it.</param>
    /// <param name="cancel">Ends the wait; the change may be made all the same.</param>
    /// <returns>Null when it is kept and served; else why nothing was changed.</returns>
    internal async Task<UpdateRefusal?> SubmitAsync(Func<ChangeSet, ChangeProposal> evaluate, CancellationToken cancel)
    {
        var pending = new PendingChange(evaluate);
        return _waiting.Writer.TryWrite(pending)
            ? await pending.Outcome.WaitAsync(cancel).ConfigureAwait(false)
            : new UpdateRefusal(Rcode.ServFail, "too many updates are waiting");
    }

    private static ZoneContribution Contribution(ChangeSet changes) => ZoneContribution.Empty with { Changes = changes.All };

    private async Task RunAsync()
    {
        var batch = new List<PendingChange>();
        while (await _waiting.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            batch.Clear();
            while (batch.Count < MostAtOnce && _waiting.Reader.TryRead(out var pending))
            {
                batch.Add(pending);
            }

            try
            {
                Make(batch);
            }
            catch (Exception unexpected)
            {
                Log.Failed(_logger, unexpected);
                batch.ForEach(static pending => pending.Fail());
            }
        }
    }

    private void Make(List<PendingChange> batch)
    {
        // 1. Each against the outcome of those before it.
        var changes = _changes;
        var entries = new List<ChangeEntry>();
        foreach (var pending in batch)
        {
            if (Evaluate(pending, changes) is { } entry)
            {
                entries.Add(entry);
                changes = changes.With(entry);
            }
        }

        // 2. Kept. 3. Served: the zone manager rebuilds inside the call. 4. Answered.
        if (entries.Count > 0)
        {
            try
            {
                _journal.Append(entries, changes);
            }
            catch (IOException e)
            {
                // A refusal may rest on an update of the same batch, which was not made after all.
                Log.NotKept(_logger, entries.Count, e.Message);
                batch.ForEach(static pending => pending.Fail());
                return;
            }

            _changes = changes;
            _current = Contribution(changes);
            Changed?.Invoke();
        }

        batch.ForEach(static pending => pending.Complete());
        _journal.Tidy(changes);
    }

    private ChangeEntry? Evaluate(PendingChange pending, ChangeSet changes)
    {
        try
        {
            return pending.Evaluate(changes);
        }
        catch (Exception unexpected)
        {
            Log.Failed(_logger, unexpected);
            pending.Fail();
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1610, LogLevel.Error, "{Count} updates could not be kept, so nothing was changed: {Reason}")]
        public static partial void NotKept(ILogger logger, int count, string reason);

        [LoggerMessage(1611, LogLevel.Error, "An update failed")]
        public static partial void Failed(ILogger logger, Exception error);
    }
}
