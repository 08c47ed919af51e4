using System.Net;
using System.Threading.Channels;
using Edge.Services;

namespace Edge.Access;

/// <summary>
/// What addresses are remembered for. Requests and queries only leave a note, and never wait; one reader counts the notes by address and kind.
/// </summary>
/// <param name="setup">The clock, and where each offence is told.</param>
internal sealed partial class OffenceCounter(BanSetup setup)
{
    private const int MostWaiting = 4096;

    private readonly RateTable _counts = new(setup.Time);
    private readonly Channel<Offence> _notes = Channel.CreateUnbounded<Offence>(new UnboundedChannelOptions { SingleReader = true });
    private int _waiting;

    /// <summary>How many notes have not been looked at.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Leaves a note; never waits.</summary>
    public void Note(in Offence offence)
    {
        // Too many at once: the rest of them says nothing new.
        if (Interlocked.Increment(ref _waiting) > MostWaiting || !_notes.Writer.TryWrite(offence))
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>Completes when there is a note.</summary>
    public Task ArrivesAsync(CancellationToken cancel) => _notes.Reader.WaitToReadAsync(cancel).AsTask();

    /// <summary>Takes the next note. It waits until <see cref="Took"/> says that it was looked at.</summary>
    public bool TryTake(out Offence offence) => _notes.Reader.TryRead(out offence);

    /// <summary>What was taken has been looked at.</summary>
    public void Took() => Interlocked.Decrement(ref _waiting);

    /// <summary>Counts an offence, and tells of one that is not too much yet.</summary>
    /// <returns>Who did it has done too much of it.</returns>
    public bool IsTooMuch(in Offence offence, BanOptions options)
    {
        if (!options.After.TryGetValue(offence.Kind, out var most) || most == 0)
        {
            return false;
        }

        // Any page can make its visitor's browser do that, and would choose whom to ban.
        most *= offence.IsEmbedded ? EmbeddedRequest.CountsFor : 1;
        var word = BanOptions.Word(offence.Kind);
        if (!_counts.Allows(offence.IsEmbedded ? word + "*" : word, ClientKey.Of(offence.Client), new RateRule(most, options.Within, most), out _))
        {
            return true;
        }

        if (!offence.IsEmbedded)
        {
            Log.Offence(setup.Log, word, offence.Client, offence.Where);
        }

        return false;
    }

    private static partial class Log
    {
        // What fail2ban reads: docs/access.md has the filter.
        [LoggerMessage(5240, LogLevel.Information, "Offence {Kind} by {Client} at {Where}")]
        public static partial void Offence(ILogger log, string kind, IPAddress client, string where);
    }
}
