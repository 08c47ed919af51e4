using System.Collections.Immutable;
using Edge.Dns.Files;
using Edge.Dns.Wire;
using Edge.Dns.Zones.Files;
using Edge.Dns.Zones.MasterFile;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Dns.Zones;

/// <summary>
/// Zone files: <c>ORIGIN.zone</c> for every view, <c>VIEW/ORIGIN.zone</c> for one. A changed file is served within a
/// second; a file with errors changes nothing, what served before keeps serving.
/// </summary>
public sealed partial class ZoneFileSource : IZoneSource, IAsyncDisposable
{
    /// <summary>How often the folder is looked at. A change is read when two looks in a row found it the same.</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    private const int ManyRecords = 100_000;

    private readonly ZoneFolder _folder;
    private readonly string _display;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, LoadedZoneFile> _files = new(StringComparer.Ordinal);
    private ImmutableArray<ZoneProblem> _folderProblems = [];
    private bool _wasThere;
    private bool? _isThere;
    private bool _isListed;
    private ImmutableArray<ZoneProblem> _problems = [];
    private volatile ZoneContribution _current = ZoneContribution.Empty;
    private readonly Name? _only;
    private ITimer? _timer;

    /// <summary>A source for one folder; nothing is read before <see cref="Load"/>.</summary>
    /// <param name="folder">The zones folder.</param>
    /// <param name="display">How the user calls it: "zones".</param>
    /// <param name="views">The names of all views.</param>
    /// <param name="logger">Gets every problem once, with file and line.</param>
    /// <param name="time">The clock of the looks at the folder.</param>
    public ZoneFileSource(string folder, string display, IReadOnlyList<string> views, ILogger logger, TimeProvider time)
        : this(folder, display, views, logger, time, only: null)
    {
    }

    private ZoneFileSource(string folder, string display, IReadOnlyList<string> views, ILogger logger, TimeProvider time, Name? only)
    {
        _only = only;
        _folder = new ZoneFolder(folder, display, views);
        (_display, _logger, _time) = (display, logger, time);
    }

    /// <inheritdoc/>
    public string Name => "files";

    /// <inheritdoc/>
    public ZoneContribution Current => _current;

    /// <summary>All that is wrong in the files as they are now, by file and line; empty when all is well.</summary>
    public IReadOnlyList<ZoneProblem> Problems
    {
        get
        {
            lock (_gate)
            {
                return _problems;
            }
        }
    }

    /// <inheritdoc/>
    public event Action? Changed;

    /// <summary>All that is wrong in a folder of zone files, without serving anything: for <c>edge check</c>.</summary>
    /// <param name="folder">The zones folder.</param>
    /// <param name="display">How the user calls it: "zones".</param>
    /// <param name="views">The names of all views.</param>
    /// <param name="only">The one zone whose files are meant; null for all.</param>
    public static IReadOnlyList<ZoneProblem> Check(string folder, string display, IReadOnlyList<string> views, Name? only = null)
    {
        var source = new ZoneFileSource(folder, display, views, NullLogger.Instance, TimeProvider.System, only);
        source.Load();
        return only is null ? source.Problems : [.. source.Problems.Except(source._folderProblems)];
    }

    /// <summary>Reads all files. What has errors is missing from <see cref="Current"/>, everything else is in it.</summary>
    public void Load()
    {
        Look(atOnce: true);
        if (_current.Zones.Sum(zone => zone.Records.Count) > ManyRecords)
        {
            // Reading a large file leaves as much behind as it keeps; nobody is served yet whom this could hold up.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
    }

    /// <summary>
    /// Looks at once, and tells what is wrong with files and folders from which something is served all the same: their last
    /// version without errors. Whoever begins anew now would not have it.
    /// </summary>
    public IReadOnlyList<ZoneProblem> LookForKept()
    {
        Look(atOnce: true);
        lock (_gate)
        {
            var served = _files.Values.Where(file => file.Served is not null).ToList();
            return _isListed
                ? [.. served.SelectMany(file => file.Problems).Where(problem => problem.IsError).Distinct()]
                : served.Count == 0 ? [] : [.. _folderProblems.Select(problem => problem with { Severity = ZoneProblemSeverity.Error })];
        }
    }

    /// <summary>Begins to follow the files. Looking is cheaper than it sounds and works where change notices do not: network and container mounts.</summary>
    public void Start() => _timer ??= _time.CreateTimer(_ => Poll(), null, PollInterval, PollInterval);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_timer is not null)
        {
            await _timer.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void Poll()
    {
        try
        {
            Look(atOnce: false);
        }
        catch (Exception error)
        {
            Log.LookFailed(_logger, _display, error);
        }
    }

    private void Look(bool atOnce)
    {
        if (atOnce)
        {
            _gate.Enter();
        }
        else if (!_gate.TryEnter())
        {
            // A slow look is not overtaken by the next one.
            return;
        }

        try
        {
            var folderProblems = new List<ZoneProblem>();
            var found = _folder.Find(folderProblems, path => _files.TryGetValue(path, out var file) && file.Served is not null);
            var touched = found is null ? [] : ReadChanged(found, atOnce);
            NoteFolderProblems(folderProblems);
            NoteFolder(found is not null || folderProblems.Count > 0);
            _isListed = found is not null;
            foreach (var origin in touched)
            {
                Judge(origin);
            }

            Publish();
        }
        finally
        {
            _gate.Exit();
        }
    }

    private HashSet<Name> ReadChanged(List<FoundZoneFile> found, bool atOnce)
    {
        var touched = new HashSet<Name>();
        var present = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in found.Where(file => _only is null || file.Origin == _only))
        {
            present.Add(file.Path);
            if (!_files.TryGetValue(file.Path, out var loaded))
            {
                _files.Add(file.Path, loaded = new LoadedZoneFile(file));
            }

            loaded.Missing = false;
            if (ReadIfChanged(loaded, atOnce))
            {
                touched.Add(file.Origin);
            }
        }

        touched.UnionWith(DropMissing(present, atOnce));
        return touched;
    }

    private HashSet<Name> DropMissing(HashSet<string> present, bool atOnce)
    {
        var touched = new HashSet<Name>();
        foreach (var missing in _files.Values.Where(file => !present.Contains(file.File.Path)).ToList())
        {
            // A twin got its zone, and the folder's problem says so.
            var isTwin = missing.Served is null && File.Exists(missing.File.Path);

            // Editors that save by renaming make a file vanish for an instant: it is gone when two looks miss it.
            if (isTwin || atOnce || missing.Missing)
            {
                _files.Remove(missing.File.Path);
                touched.Add(missing.File.Origin);
                if (!isTwin)
                {
                    Log.FileRemoved(_logger, missing.File.Display, missing.File.Origin);
                }
            }

            missing.Missing = true;
        }

        return touched;
    }

    private bool ReadIfChanged(LoadedZoneFile loaded, bool atOnce)
    {
        var looks = Fingerprint(loaded);
        if (looks == loaded.Read)
        {
            loaded.Seen = looks;
            return false;
        }

        // Somebody may be writing right now: wait until the file is the same twice.
        if (!atOnce && looks != loaded.Seen)
        {
            loaded.Seen = looks;
            return false;
        }

        var content = _folder.Read(loaded.File.Path);
        if (content.Content is null)
        {
            loaded.Parsed = null;
            loaded.ReadProblems = [new ZoneProblem(loaded.File.Display, 0, $"cannot read the file: {content.Error}")];
        }
        else
        {
            var result = ZoneFileParser.Parse(loaded.File.Display, content.Content, loaded.File.Origin, _folder.Open);
            loaded.Included = [.. result.Included.Select(_folder.Locate).OfType<string>()];
            loaded.Parsed = new DeclaredZone(loaded.File.Origin, loaded.File.View, result.Records);
            loaded.ReadProblems = result.Problems;
        }

        // Included files are known only now; what changed while reading differs from this and is read again.
        loaded.Read = Fingerprint(loaded).StartsWith(looks, StringComparison.Ordinal) ? Fingerprint(loaded) : looks;
        loaded.Seen = loaded.Read;
        return true;
    }

    private static string Fingerprint(LoadedZoneFile file) =>
        file.Included.Aggregate(FileFingerprint.Of(file.File.Path), (all, included) => $"{all} {FileFingerprint.Of(included)}");

    // A view's file is right or wrong only together with the zone it is laid over: both are judged when one changed.
    private void Judge(Name origin)
    {
        var files = _files.Values.Where(file => file.File.Origin == origin).ToList();
        var zone = files.Find(file => file.File.View is null);
        var zoneProblems = ImmutableArray<ZoneProblem>.Empty;
        if (zone is not null)
        {
            zoneProblems = zone.Parsed is { } declared ? ZoneChecks.Check(declared, null, zone.File.Display, zone.IsComplete) : [];
            Settle(zone, zoneProblems);
        }

        foreach (var view in files.Where(file => file.File.View is not null))
        {
            Settle(view, JudgeView(view, zone, zoneProblems));
        }
    }

    private ImmutableArray<ZoneProblem> JudgeView(LoadedZoneFile view, LoadedZoneFile? zone, ImmutableArray<ZoneProblem> zoneProblems)
    {
        if (zone is null)
        {
            return [new ZoneProblem(view.File.Display, 0, $"no zone {view.File.Origin} is declared", $"add {_display}/{view.File.Origin.ToHostString()}.zone, which this file changes for the view {view.File.View}")];
        }

        if (view.Parsed is not { } declared || (zone.Served ?? zone.Parsed) is not { } below)
        {
            return [];
        }

        // What the zone below has wrong by itself is told of its own file, not of this one.
        var complete = zone.Served is not null && view.IsComplete;
        var known = ReferenceEquals(below, zone.Parsed) && complete == zone.IsComplete ? zoneProblems : ZoneChecks.Check(below, null, zone.File.Display, complete);
        return [.. ZoneChecks.Check(below, declared, view.File.Display, complete).Except(known)];
    }

    private void Settle(LoadedZoneFile file, ImmutableArray<ZoneProblem> found)
    {
        // By line, the file itself before those that it includes.
        ImmutableArray<ZoneProblem> problems = [.. file.ReadProblems.Concat(found).Distinct()
            .OrderBy(problem => problem.File != file.File.Display).ThenBy(problem => problem.File, StringComparer.Ordinal).ThenBy(problem => problem.Line)];
        var errors = problems.Count(problem => problem.IsError);
        if (errors == 0 && file.Parsed is { } declared && !ReferenceEquals(file.Served, declared))
        {
            file.Served = declared;
            Log.FileLoaded(_logger, file.File.Display, declared.Records.Count);
        }

        if (!problems.SequenceEqual(file.Problems))
        {
            file.Problems = problems;
            Tell(file.File.Display, errors, problems, file.Served is not null);
        }
    }

    private void Tell(string file, int errors, ImmutableArray<ZoneProblem> problems, bool served)
    {
        var text = string.Join(Environment.NewLine + "  ", problems);
        if (errors > 0)
        {
            Log.FileRefused(_logger, file, errors, served ? "what it said before is still served" : "it is not served", Environment.NewLine + "  " + text);
        }
        else if (!problems.IsEmpty)
        {
            Log.FileDoubtful(_logger, file, Environment.NewLine + "  " + text);
        }
    }

    private void NoteFolderProblems(List<ZoneProblem> problems)
    {
        foreach (var problem in problems.Except(_folderProblems))
        {
            Log.FolderProblem(_logger, problem);
        }

        _folderProblems = [.. problems];
    }

    // A folder that was never there is somebody who has no zone files; one that vanished may be an unmounted drive, and
    // nothing is removed.
    private void NoteFolder(bool isThere)
    {
        if (!isThere)
        {
            _folderProblems = [_wasThere
                ? new ZoneProblem(_display, 0, "the folder is gone; what its files said is still served", "restore it, or make it anew and empty to remove its zones", ZoneProblemSeverity.Warning)
                : new ZoneProblem(_display, 0, "no such folder; no zone files are served", null, ZoneProblemSeverity.Warning)];
        }

        if (isThere != _isThere)
        {
            switch (isThere, _wasThere)
            {
                case (true, true):
                    Log.FolderBack(_logger, _display);
                    break;
                case (false, true):
                    Log.FolderGone(_logger, _display);
                    break;
                case (false, false):
                    Log.NoFolder(_logger, _display);
                    break;
            }
        }

        (_isThere, _wasThere) = (isThere, _wasThere || isThere);
    }

    private void Publish()
    {
        _problems = [.. _folderProblems.Concat(_files.Values.SelectMany(file => file.Problems))];
        ImmutableArray<DeclaredZone> zones = [.. _files.Values.Select(file => file.Served).OfType<DeclaredZone>()];
        if (!zones.AsEnumerable().SequenceEqual(_current.Zones, ReferenceEqualityComparer.Instance))
        {
            _current = new ZoneContribution(zones, []);
            Changed?.Invoke();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1100, LogLevel.Information, "{File}: loaded, {Records} records")]
        public static partial void FileLoaded(ILogger logger, string file, int records);

        [LoggerMessage(1101, LogLevel.Error, "{File}: {Errors} errors; {Consequence}{Problems}")]
        public static partial void FileRefused(ILogger logger, string file, int errors, string consequence, string problems);

        [LoggerMessage(1102, LogLevel.Warning, "{File}: loaded, but look at this{Problems}")]
        public static partial void FileDoubtful(ILogger logger, string file, string problems);

        [LoggerMessage(1103, LogLevel.Information, "{File} is gone; {Origin} is no longer served from it")]
        public static partial void FileRemoved(ILogger logger, string file, Name origin);

        [LoggerMessage(1104, LogLevel.Error, "{Problem}")]
        public static partial void FolderProblem(ILogger logger, ZoneProblem problem);

        [LoggerMessage(1106, LogLevel.Information, "{Folder}: no such folder; no zone files are served")]
        public static partial void NoFolder(ILogger logger, string folder);

        [LoggerMessage(1107, LogLevel.Warning, "{Folder}: the folder is gone; what its files said is still served (restore it, or make it anew and empty to remove its zones)")]
        public static partial void FolderGone(ILogger logger, string folder);

        [LoggerMessage(1108, LogLevel.Information, "{Folder}: the folder is back")]
        public static partial void FolderBack(ILogger logger, string folder);

        [LoggerMessage(1105, LogLevel.Error, "Looking through {Folder} failed; it is tried again")]
        public static partial void LookFailed(ILogger logger, string folder, Exception error);
    }
}
