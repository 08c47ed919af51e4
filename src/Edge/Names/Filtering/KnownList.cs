using Edge.Dns.Files;
using Edge.Dns.Filtering;

namespace Edge.Names.Filtering;

/// <summary>A list of the settings, with what is known of it now.</summary>
internal sealed class KnownList
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromHours(1);
    private int _failures;
    private string? _seen;
    private string? _taken;
    private readonly string _lastGood;

    /// <param name="options">What the settings say.</param>
    /// <param name="folder">The folder of copies.</param>
    /// <param name="now">The time.</param>
    public KnownList(FilterListOptions options, string folder, DateTimeOffset now)
    {
        Options = options;
        Copy = options.Url is null ? null : ListCopy.Open(folder, options.Name);
        _lastGood = Path.Combine(folder, options.Name + ".txt");
        // Another address is another list: what is kept serves only until the new one is there.
        var isCurrent = Copy is { Exists: true, Checked: not null } && Copy.Url == options.From;
        Due = Copy is null ? DateTimeOffset.MaxValue : isCurrent ? Copy.Checked!.Value + options.Update : now;
    }

    public FilterListOptions Options { get; }

    /// <summary>What is kept of a list from the web; null for a file.</summary>
    public ListCopy? Copy { get; }

    /// <summary>What went wrong last; null when nothing did.</summary>
    public string? Error { get; private set; }

    /// <summary>When it is to be fetched next.</summary>
    public DateTimeOffset Due { get; set; }

    /// <summary>What became of its lines when they were last read.</summary>
    public ListSummary Summary { get; set; } = ListSummary.Empty;

    /// <summary>The file that is read; a file that is gone has left its last copy.</summary>
    public string TextPath => Options.File is { } own && (File.Exists(own) || !File.Exists(_lastGood)) ? own : _lastGood;

    /// <summary>How a person finds it: the file as it was written, or the copy.</summary>
    public string ShownAs => TextPath == Options.File ? Options.From : _lastGood;

    /// <summary>Opens its text; null while nothing was fetched yet.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public FileStream? Open() => Copy is { Exists: false } ? null : OrdinaryFile.Open(TextPath, FilterListOptions.MostBytes);

    /// <summary>Whether its file is another one than the one last taken, and looked the same twice: an editor may still be writing at the first look.</summary>
    public bool HasChanged()
    {
        if (Options.File is null)
        {
            return false;
        }

        var now = FileFingerprint.Of(Options.File);
        var settled = now == _seen;
        _seen = now;
        if (now == FileFingerprint.None)
        {
            // What it said stays in force: a drive that was unplugged is no wish to block nothing.
            Error = $"{OrdinaryFile.ProblemOf(Options.File, FilterListOptions.MostBytes) ?? "the file is not there"}; what it said before stays in force (restore the file, or empty it to have no rules)";
            return false;
        }

        Error = null;
        return settled && now != _taken;
    }

    /// <summary>Takes note of the file that is about to be read, and a copy of it.</summary>
    public void MarkTaken()
    {
        if (Options.File is not { } own || FileFingerprint.Of(own) is not (not FileFingerprint.None and var stamp))
        {
            return;
        }

        _taken = _seen = stamp;
        try
        {
            DurableFile.MakeFolder(Path.GetDirectoryName(_lastGood)!);
            using var text = OrdinaryFile.Open(own, FilterListOptions.MostBytes);
            using var copy = File.Create(_lastGood);
            text.CopyTo(copy);
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            // It serves from its own place; only the day on which that is gone has no copy.
            Error = $"no copy could be kept: {wrong.Message}";
        }
    }

    /// <summary>Takes note of what became of a download.</summary>
    public void Note(DownloadResult result, DateTimeOffset now)
    {
        Error = result.Error;
        _failures = result.Error is null ? 0 : _failures + 1;
        // Somewhat early or late, so that not every Edge asks at the same second.
        Due = result.Error is null ? now + (Options.Update * (0.9 + (0.2 * Random.Shared.NextDouble()))) : now + Retry(_failures, Options.Update);
    }

    private static TimeSpan Retry(int failures, TimeSpan update)
    {
        var wait = FirstRetry * Math.Pow(2, Math.Min(failures - 1, 10));
        wait = wait < LongestRetry ? wait : LongestRetry;
        return wait < update ? wait : update;
    }
}
