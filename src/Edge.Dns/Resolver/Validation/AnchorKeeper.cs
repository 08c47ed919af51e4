using System.Collections.Immutable;
using Edge.Dns.Files;
using Edge.Dns.Wire;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Resolver.Validation;

/// <summary>
/// Follows the keys of the trust points as they are exchanged (RFC 5011). It looks whenever validation fetches the keys of a
/// trust point, which is once a day at least while anything is asked; what it saw outlasts restarts.
/// </summary>
internal sealed partial class AnchorKeeper
{
    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly ILogger _log;
    private ImmutableArray<TrackedPoint> _points;

    /// <summary>Starts with what the file remembers of the given anchors, and of no others; a file that cannot be read is as none.</summary>
    public AnchorKeeper(string path, ImmutableArray<TrustPoint> given, ILogger log)
    {
        (_path, _log) = (path, log);
        var known = Load();
        _points = [.. given.Select(point => TrackedPoint.Resume(point, known.GetValueOrDefault(point.Zone, RememberedPoint.None)))];
        var begun = _points.Where(point => known.TryGetValue(point.Given.Zone, out var old) && old.Origin != point.Given.Digest()).ToList();
        foreach (var point in begun)
        {
            Log.BegunAnew(_log, point.Given.Zone, _path);
        }

        // A zone without an anchor is forgotten as well: should it be given one again, that is a new beginning.
        if (begun.Count > 0 || known.Keys.Except(given.Select(point => point.Zone)).Any())
        {
            Save();
        }
    }

    /// <summary>The trust points as far as they are trusted.</summary>
    public ImmutableArray<TrustPoint> Trusted => [.. _points.Select(point => point.Trusted).OfType<TrustPoint>()];

    /// <summary>Takes in the DNSKEY set of a trust point; true when what is trusted may have changed.</summary>
    public bool Observe(Name zone, Message message, DateTimeOffset now)
    {
        lock (_gate)
        {
            var before = _points.Single(point => point.Given.Zone == zone);
            var after = before.Observe(message, now);
            if (ReferenceEquals(before, after))
            {
                return false;
            }

            _points = _points.Replace(before, after);
            foreach (var key in after.Keys.Except(before.Keys))
            {
                Log.KeyChanged(_log, zone, key.Tag, key.State);
            }

            Save();
            return true;
        }
    }

    private Dictionary<Name, RememberedPoint> Load()
    {
        try
        {
            return File.Exists(_path) ? AnchorStateText.Read(File.ReadAllText(_path)) : [];
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or FormatException)
        {
            Log.NotRead(_log, _path, failed.Message);
            return [];
        }
    }

    private void Save()
    {
        try
        {
            DurableFile.MakeFolder(Path.GetDirectoryName(Path.GetFullPath(_path))!);
            DurableFile.Write(_path, AnchorStateText.Write(_points));
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            // What was seen holds until the end of the process, and is seen anew after that.
            Log.NotWritten(_log, _path, failed.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1340, LogLevel.Information, "Trust anchor of {Zone}: key {Tag} is now {State}")]
        public static partial void KeyChanged(ILogger logger, Name zone, ushort tag, AnchorKeyState state);

        [LoggerMessage(1341, LogLevel.Warning, "{Path}: the state of the trust anchors cannot be read, so it begins anew: {Problem}")]
        public static partial void NotRead(ILogger logger, string path, string problem);

        [LoggerMessage(1342, LogLevel.Error, "{Path}: the state of the trust anchors cannot be written: {Problem}")]
        public static partial void NotWritten(ILogger logger, string path, string problem);

        [LoggerMessage(1343, LogLevel.Information, "The trust anchors of {Zone} are others than those that the keys in {Path} descend from, so these keys are no longer trusted")]
        public static partial void BegunAnew(ILogger logger, Name zone, string path);
    }
}
