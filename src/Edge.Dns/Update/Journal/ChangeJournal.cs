using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Edge.Dns.Files;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Update.Journal;

/// <summary>
/// The file that updates are appended to and flushed before they are answered. When it has grown far beyond what is left
/// of its updates, it is written anew beside its place. Not for several threads.
/// </summary>
internal sealed partial class ChangeJournal : IDisposable
{
    private const int SmallFile = 256 * 1024;
    private const int Growth = 4;

    private readonly string _path;
    private readonly ILogger _logger;
    private FileStream? _file;
    private long _length;
    private long _rewriteAt = SmallFile;
    private bool _rewrite;

    private ChangeJournal(string path, ILogger logger) => (_path, _logger) = (path, logger);

    /// <summary>What the file said when it was opened.</summary>
    public ChangeSet Opened { get; private set; } = ChangeSet.Empty;

    /// <summary>Why nothing can be kept: the file is not one that can be understood or read. Null when all is well.</summary>
    public string? Problem { get; private set; }

    /// <summary>Reads the journal; one that is not there is empty, and is made by the first update.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="logger">Told about damage.</param>
    public static ChangeJournal Open(string path, ILogger logger)
    {
        var journal = new ChangeJournal(path, logger);
        try
        {
            journal.Read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            journal.Problem = $"{path} cannot be read: {e.Message}";
        }

        if (journal.Problem is { } problem)
        {
            Log.Unusable(logger, problem);
        }

        return journal;
    }

    /// <summary>Appends updates and flushes them to the disk, all at once.</summary>
    /// <param name="entries">The updates in their order.</param>
    /// <param name="after">All changes with them in it, for the case that the file has to be written anew.</param>
    /// <exception cref="IOException">Nothing was kept.</exception>
    public void Append(IReadOnlyList<ChangeEntry> entries, ChangeSet after)
    {
        if (Problem is not null)
        {
            throw new IOException(Problem);
        }

        try
        {
            if (_rewrite || _file is null)
            {
                Rewrite(after);
                return;
            }

            var bytes = Encoding.ASCII.GetBytes(string.Concat(entries.Select(JournalText.Format)));
            _file.Write(bytes);
            _file.Flush(flushToDisk: true);
            _length += bytes.Length;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException(e.Message, e);
        }
        catch (IOException)
        {
            TakeBack();
            throw;
        }
    }

    /// <summary>Writes the file anew if it has become much longer than needed.</summary>
    public void Tidy(ChangeSet changes)
    {
        if (_file is null || _length < _rewriteAt)
        {
            return;
        }

        try
        {
            Rewrite(changes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The old file is whole and goes on being appended to.
            _rewriteAt = _length * 2;
            Log.NotTidied(_logger, _path, e.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private void Read()
    {
        if (!File.Exists(_path))
        {
            return;
        }

        var bytes = File.ReadAllBytes(_path);
        if (!JournalReading.TryRead(bytes, out var reading))
        {
            Problem = $"{_path} does not begin with \"{JournalText.Header.TrimEnd()}\": it is of another version of Edge, or of something else. Until it is moved away no update is taken";
            return;
        }

        Opened = reading.Entries.Aggregate(ChangeSet.Empty, (changes, entry) => changes.With(entry));
        _length = reading.Length;
        _rewriteAt = Math.Max(SmallFile, _length * 2);
        if (reading.Damage >= 0)
        {
            Log.Damaged(_logger, _path, 1 + bytes.AsSpan(0, reading.Damage).Count((byte)'\n'), KeepAside());
            RewriteIfPossible();
            return;
        }

        if (reading.Length < bytes.Length)
        {
            Log.Torn(_logger, _path, bytes.Length - reading.Length, TryKeepAside());
        }

        if (reading.Length == 0)
        {
            _rewrite = true;
            return;
        }

        _file = new FileStream(_path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        _file.SetLength(_length);
        _file.Position = _length;
    }

    // Told once and not at each start; where nothing can be written now, the next update does it.
    private void RewriteIfPossible()
    {
        try
        {
            Rewrite(Opened);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _rewrite = true;
        }
    }

    // Beside those that are there already: the first damage may be the one that somebody still wants to look at.
    private string KeepAside()
    {
        var aside = _path + ".damaged";
        for (var number = 2; File.Exists(aside); number++)
        {
            aside = string.Create(CultureInfo.InvariantCulture, $"{_path}.damaged.{number}");
        }

        File.Copy(_path, aside);
        return aside;
    }

    // A torn end is what a crash leaves: no reason to take no updates when there is no room for a copy.
    private string TryKeepAside()
    {
        try
        {
            return $"the torn file is kept as {KeepAside()}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"the torn file could not be kept: {e.Message}";
        }
    }

    // Beside its place, flushed, then renamed: there is a whole journal at every moment.
    private void Rewrite(ChangeSet changes)
    {
        var stage = _path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.ReadWrite, Share = FileShare.Read, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = DurableFile.PrivateFile;
        }

        var file = new FileStream(stage, options);
        try
        {
            var text = new StringBuilder(JournalText.Header);
            foreach (var entry in changes.ToEntries())
            {
                text.Append(JournalText.Format(entry));
            }

            file.Write(Encoding.ASCII.GetBytes(text.ToString()));
            file.Flush(flushToDisk: true);
            File.Move(stage, _path, overwrite: true);
            DurableFile.FlushFolder(Path.GetDirectoryName(Path.GetFullPath(_path))!);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        _file?.Dispose();
        (_file, _length, _rewrite) = (file, file.Length, false);
        _rewriteAt = Math.Max(SmallFile, _length * Growth);
    }

    // What was written of an update that failed must not stand before the next one. If the disk does not even take that,
    // the file is written anew as soon as something can be written.
    private void TakeBack()
    {
        try
        {
            _file?.SetLength(_length);
            _file?.Flush(flushToDisk: true);
            if (_file is not null)
            {
                _file.Position = _length;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _rewrite = true;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1600, LogLevel.Error, "Updates cannot be kept, so none is taken: {Problem}")]
        public static partial void Unusable(ILogger logger, string problem);

        [LoggerMessage(1601, LogLevel.Error, "{Path} is damaged in line {Line}: what stands there is lost, the rest is served; the damaged file is kept as {Aside}")]
        public static partial void Damaged(ILogger logger, string path, int line, string aside);

        [LoggerMessage(1602, LogLevel.Warning, "{Path} ended in the middle of an update that was probably never answered; its {Bytes} bytes are dropped, {Aside}")]
        public static partial void Torn(ILogger logger, string path, int bytes, string aside);

        [LoggerMessage(1603, LogLevel.Warning, "{Path} could not be written anew ({Reason}); it goes on growing")]
        public static partial void NotTidied(ILogger logger, string path, string reason);
    }
}
