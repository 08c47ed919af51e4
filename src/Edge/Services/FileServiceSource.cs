using System.Collections.Immutable;
using Edge.Dns.Snapshots;
using Edge.Settings;

namespace Edge.Services;

/// <summary>
/// The services of the files in proxy-routes/, in the short form. A mistake takes nothing away: a service that is
/// wrong keeps its version from before, a file that cannot be read keeps all of its services.
/// </summary>
internal sealed partial class FileServiceSource : IServiceSource
{
    // A file with one of these at the top is in YARP's own shape, and the gateway reads it.
    private static readonly string[] YarpKeys = ["Routes", "Clusters", "ReverseProxy"];

    private readonly FolderWatch _watch;
    private readonly ServiceReader _reader;
    private readonly ILogger<FileServiceSource> _log;
    private readonly string _shownAs;
    private ImmutableSortedDictionary<string, IReadOnlyList<Problem>> _wrong = ImmutableSortedDictionary.Create<string, IReadOnlyList<Problem>>(StringComparer.Ordinal);
    private int _count;
    private string? _trouble;

    /// <param name="folder">The folder with the files.</param>
    /// <param name="shownAs">Its name as the user knows it.</param>
    /// <param name="reader">Knows the schema.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where problems are told.</param>
    public FileServiceSource(string folder, string shownAs, ServiceReader reader, TimeProvider time, ILogger<FileServiceSource> log)
    {
        (_shownAs, _reader, _log) = (shownAs, reader, log);
        _watch = new FolderWatch(folder, shownAs, [".yaml", ".yml"], time);
    }

    public event Action? Changed;

    public SourceKind Kind => SourceKind.File;

    public ShardedMap<string, DeclaredGroup> Current { get; private set; } = new(StringComparer.Ordinal);

    /// <summary>All that is wrong in the files now.</summary>
    public IReadOnlyList<Problem> Problems { get; private set; } = [];

    /// <summary>Reads what changed, at once.</summary>
    public void Load() => Take(_watch.Look());

    /// <summary>Takes changes as they are made, until cancelled.</summary>
    public Task FollowAsync(CancellationToken cancel) => _watch.FollowAsync(Take, wrong => Log.Failed(_log, wrong), cancel);

    private void Take(FolderChange change)
    {
        var next = Current.Edit();
        foreach (var gone in change.Gone)
        {
            Set(next, gone, new FileState([], []));
        }

        foreach (var file in change.Files)
        {
            Set(next, file.Shown, Read(file, next.Find(file.Shown)?.Services ?? []));
        }

        var before = Current;
        Current = next.ToMap();
        var inFiles = _wrong.Values.SelectMany(problems => problems);
        Problems = [.. change.Trouble is null ? inFiles : inFiles.Append(new Problem(null, 0, "", change.Trouble))];
        Tell(change);
        if (!ReferenceEquals(before, Current))
        {
            Changed?.Invoke();
        }
    }

    private void Set(ShardedMapEditor<string, DeclaredGroup> files, string file, FileState said)
    {
        _wrong = said.Problems.Count == 0 ? _wrong.Remove(file) : _wrong.SetItem(file, said.Problems);
        ImmutableArray<Service> before = files.Find(file)?.Services ?? [];
        if (!before.SequenceEqual(said.Services))
        {
            _count += said.Services.Length - before.Length;
            files.Set(file, said.Services.IsEmpty ? null : new DeclaredGroup(0, file, said.Services));
        }
    }

    private void Tell(FolderChange change)
    {
        var wrong = change.Files.SelectMany(file => _wrong.GetValueOrDefault(file.Shown) ?? []).ToList();
        if (wrong.Count > 0)
        {
            Log.Wrong(_log, wrong.Count, string.Join("\n  ", wrong));
        }

        if (change.Trouble != _trouble)
        {
            _trouble = change.Trouble;
            if (_trouble is not null)
            {
                Log.FolderTrouble(_log, _trouble);
            }
            else
            {
                Log.FolderBack(_log, _shownAs);
            }
        }

        if (change.Files.Length + change.Gone.Length > 0)
        {
            Log.Read(_log, change.Files.Length, change.Gone.Length, _count);
        }
    }

    private FileState Read(FolderFile file, ImmutableArray<Service> before)
    {
        if (file.Text is null)
        {
            return new FileState(before, [new Problem(file.Shown, 0, "", file.Trouble!)]);
        }

        var problems = new ProblemList();
        if (YamlDocumentReader.Read(file.Text, file.Shown, problems) is not { } root)
        {
            return new FileState(before, problems.All);
        }

        var yarp = root.Entries.FirstOrDefault(entry => YarpKeys.Contains(entry.Key, StringComparer.OrdinalIgnoreCase));
        if (yarp.Value is not null)
        {
            if (root.Find("services") is null)
            {
                return new FileState([], []);
            }

            problems.Add(yarp.Value, "stands beside services", $"put {yarp.Key} into a file of its own");
            return new FileState(before, problems.All);
        }

        var reader = new MapReader(root, problems);
        var services = reader.Section("services");
        reader.Done();
        return new FileState(services is null ? Unread(root, before) : Services(services.Map, before, problems), problems.All);
    }

    // Nothing under services: the user took them out, unless what stands there is not a mapping.
    private static ImmutableArray<Service> Unread(MapNode root, ImmutableArray<Service> before) =>
        root.Find("services") is null or ScalarNode { Value: null } ? [] : before;

    private ImmutableArray<Service> Services(MapNode services, ImmutableArray<Service> before, ProblemList problems)
    {
        var found = new Dictionary<string, Service>(StringComparer.Ordinal);
        foreach (var (key, node) in services.Entries)
        {
            var name = key.ToLowerInvariant();
            if (found.ContainsKey(name))
            {
                problems.Add(node, $"\"{key}\" is declared twice in this file");
                continue;
            }

            var service = _reader.Read(key, node, Declarer.File($"{node.File}:{node.Line}"), problems) ?? before.FirstOrDefault(old => old.Name == name);
            if (service is not null)
            {
                found.Add(name, service);
            }
        }

        return [.. found.Values];
    }

    private sealed record FileState(ImmutableArray<Service> Services, IReadOnlyList<Problem> Problems);

    private static partial class Log
    {
        [LoggerMessage(2000, LogLevel.Warning, "{Count} problems in the service files; what was right before stays in force:\n  {Problems}")]
        public static partial void Wrong(ILogger log, int count, string problems);

        [LoggerMessage(2001, LogLevel.Warning, "{Trouble}")]
        public static partial void FolderTrouble(ILogger log, string trouble);

        [LoggerMessage(2002, LogLevel.Information, "Service files: {Read} read, {Gone} gone, {Services} services declared")]
        public static partial void Read(ILogger log, int read, int gone, int services);

        [LoggerMessage(2004, LogLevel.Information, "{Folder}: the folder is back")]
        public static partial void FolderBack(ILogger log, string folder);

        [LoggerMessage(2003, LogLevel.Error, "A change of the service files could not be taken in")]
        public static partial void Failed(ILogger log, Exception wrong);
    }
}
