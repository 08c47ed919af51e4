using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using Edge.Dns.Files;

namespace Edge.Settings;

/// <summary>
/// Follows the files of one folder. It looks at names, times and lengths a few times a second instead of asking the
/// system for events: that costs little, and it also works where events get lost (network drives, bind mounts of
/// containers, links that are swapped, exhausted inotify limits). A change counts when two looks in a row agree on
/// it, so that a file is not read while an editor is still writing it. One caller at a time.
/// </summary>
/// <param name="folder">The folder; it need not exist yet.</param>
/// <param name="shownAs">Its name as the user knows it: "proxy-routes".</param>
/// <param name="extensions">The extensions that count, with their dot, in lower case.</param>
/// <param name="time">The clock.</param>
internal sealed class FolderWatch(string folder, string shownAs, IReadOnlyList<string> extensions, TimeProvider time)
{
    private const int MostBytes = 4 << 20;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan EmptyPatience = TimeSpan.FromSeconds(1);
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly SortedDictionary<string, Known> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _emptySince = new(StringComparer.Ordinal);
    private Dictionary<string, Stamp> _seen = [];
    private bool _wasThere;
    private string? _trouble;

    /// <summary>Everything that differs from the look before, at once; all files at the first call.</summary>
    public FolderChange Look() => Look(atOnce: true) ?? new FolderChange([], [], _trouble);

    /// <summary>Calls <paramref name="changed"/> for every change until cancelled.</summary>
    /// <param name="changed">Takes the change.</param>
    /// <param name="failed">Told when <paramref name="changed"/> threw; the following goes on.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task FollowAsync(Action<FolderChange> changed, Action<Exception> failed, CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(cancel).ConfigureAwait(false))
        {
            try
            {
                if (Look(atOnce: false) is { } change)
                {
                    changed(change);
                }
            }
            catch (Exception wrong)
            {
                failed(wrong);
            }
        }
    }

    private FolderChange? Look(bool atOnce)
    {
        var before = _trouble;
        if (Stat() is not { } now)
        {
            return _trouble == before ? null : new FolderChange([], [], _trouble);
        }

        var files = ImmutableArray.CreateBuilder<FolderFile>();
        foreach (var (path, stamp) in now.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if ((atOnce || (_seen.TryGetValue(path, out var seen) && seen == stamp && !IsBeingWritten(path, stamp))) && Reread(path, stamp) is { } file)
            {
                files.Add(file);
            }
        }

        string[] gone = [.. _known.Keys.Where(path => !now.ContainsKey(path) && (atOnce || !_seen.ContainsKey(path)))];
        foreach (var path in gone)
        {
            _known.Remove(path);
        }

        _seen = now;
        return files.Count == 0 && gone.Length == 0 && _trouble == before ? null : new FolderChange(files.ToImmutable(), [.. gone.Select(Shown)], _trouble);
    }

    // Who writes a file anew empties it first, and may then be kept waiting: only one that stays empty is meant so.
    private bool IsBeingWritten(string path, Stamp stamp)
    {
        if (stamp.Length > 0 || _known.GetValueOrDefault(path) is not { Stamp.Length: > 0 })
        {
            _emptySince.Remove(path);
            return false;
        }

        _emptySince.TryAdd(path, time.GetTimestamp());
        return time.GetElapsedTime(_emptySince[path]) < EmptyPatience;
    }

    // The files with what tells them apart; null when the folder cannot be read, which takes nothing away: a drive
    // that was unplugged is not a wish to remove every service.
    private Dictionary<string, Stamp>? Stat()
    {
        try
        {
            var found = new Dictionary<string, Stamp>(StringComparer.Ordinal);
            if (!Directory.Exists(folder))
            {
                _trouble = _wasThere ? $"{shownAs}: the folder is gone; what its files said stays in force (restore the folder, or empty it to remove them)" : null;
                return _wasThere ? null : found;
            }

            foreach (var file in new DirectoryInfo(folder).EnumerateFiles())
            {
                if (Counts(file.Name) && StampOf(file) is { } stamp)
                {
                    found.Add(file.FullName, stamp);
                }
            }

            (_wasThere, _trouble) = (true, null);
            return found;
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            _trouble = $"{shownAs}: cannot be read: {wrong.Message}";
            return null;
        }
    }

    // Hidden files are drafts of editors (".photos.yaml.swp", ".#photos.yaml").
    private bool Counts(string name) => name[0] != '.' && extensions.Contains(Path.GetExtension(name).ToLowerInvariant());

    private static Stamp? StampOf(FileInfo file)
    {
        try
        {
            var real = file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo;
            return real is { Exists: true } ? new Stamp(real.LastWriteTimeUtc, real.Length) : null;
        }
        catch (IOException)
        {
            // A link that leads to itself is this file's trouble, told when it is read; it must not hide the others.
            return default(Stamp);
        }
    }

    private FolderFile? Reread(string path, Stamp stamp)
    {
        var had = _known.GetValueOrDefault(path);
        if (had is { Trouble: null } && had.Stamp == stamp)
        {
            return null;
        }

        // A file that could not be read is tried again at every look: a permission that was mended leaves no trace in its time.
        var (text, trouble) = Read(path);
        _known[path] = new Known(stamp, trouble);
        return had is not null && had.Stamp == stamp && had.Trouble == trouble ? null : new FolderFile(path, Shown(path), text, trouble);
    }

    private static (string? Text, string? Trouble) Read(string path)
    {
        byte[] bytes = [];
        try
        {
            bytes = OrdinaryFile.ReadBytes(path, MostBytes);
            return (Strict.GetString(bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes.AsSpan(3) : bytes), null);
        }
        catch (DecoderFallbackException)
        {
            return (null, $"is not UTF-8 text in line {bytes.AsSpan(0, Utf8Until(bytes)).Count((byte)'\n') + 1}");
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            return (null, $"cannot be read: {wrong.Message.TrimEnd('.')}");
        }
    }

    private static int Utf8Until(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (at < bytes.Length && Rune.DecodeFromUtf8(bytes[at..], out _, out var taken) == OperationStatus.Done)
        {
            at += taken;
        }

        return at;
    }

    private string Shown(string path) => $"{shownAs}/{Path.GetFileName(path)}";

    private readonly record struct Stamp(DateTime Written, long Length);

    private sealed record Known(Stamp Stamp, string? Trouble);
}
