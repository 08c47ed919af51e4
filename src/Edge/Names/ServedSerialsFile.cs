using System.Globalization;
using Edge.Dns.Files;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Microsoft.Extensions.Logging;

namespace Edge.Names;

/// <summary>
/// Served serials in a text file: VIEW ORIGIN SERIAL DIGEST, one line for each version, of which the last counts. Lines are
/// appended before a version is served, so that a secondary never holds a serial that is not in it.
/// </summary>
internal sealed partial class ServedSerialsFile : IServedSerials, IDisposable
{
    private readonly Dictionary<(string View, Name Origin), ServedSerial> _known = [];
    private readonly string _path;
    private readonly ILogger _logger;
    private StreamWriter? _file;
    private bool _failed;

    private ServedSerialsFile(string path, ILogger logger) => (_path, _logger) = (path, logger);

    /// <summary>Reads the file and begins to append to it.</summary>
    public static ServedSerialsFile Open(string data, ILogger logger)
    {
        var file = new ServedSerialsFile(Path.Combine(data, "zone-serials"), logger);
        file.Try(file.Load);
        return file;
    }

    public ServedSerial? Find(string view, Name origin) => _known.TryGetValue((view, origin), out var served) ? served : null;

    public void Keep(string view, Name origin, ServedSerial served)
    {
        if (_known.TryGetValue((view, origin), out var known) && known == served)
        {
            return;
        }

        _known[(view, origin)] = served;
        Try(() =>
        {
            _file ??= Append(_path);
            _file.Write(Line(view, origin, served));
            _file.Flush();
            _failed = false;
        });
    }

    public void Dispose() => Try(() => _file?.Dispose());

    private void Load()
    {
        var lines = File.Exists(_path) ? File.ReadAllLines(_path) : [];
        foreach (var line in lines)
        {
            // A line that was cut off while the machine died is one version too few, and says nothing.
            if (line.Split(' ') is [var view, var origin, var serial, { Length: 16 } digest]
                && Name.TryParse(origin, Name.Root, out var name, out _)
                && uint.TryParse(serial, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && ulong.TryParse(digest, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var sum))
            {
                _known[(view, name)] = new ServedSerial(number, sum);
            }
        }

        if (lines.Length > (2 * _known.Count) + 100)
        {
            DurableFile.Write(_path, string.Concat(_known.Select(one => Line(one.Key.View, one.Key.Origin, one.Value))));
        }
        else if (lines.Length > 0 && !File.ReadAllText(_path).EndsWith('\n'))
        {
            File.AppendAllText(_path, "\n");
        }
    }

    // Nobody else's business, as all that lies in the data folder.
    private static StreamWriter Append(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.Read };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = DurableFile.PrivateFile;
        }

        return new StreamWriter(path, options);
    }

    private static string Line(string view, Name origin, ServedSerial served) =>
        string.Create(CultureInfo.InvariantCulture, $"{view} {origin} {served.Serial} {served.Digest:x16}\n");

    private void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            if (!_failed)
            {
                _failed = true;
                Log.NotKept(_logger, _path, error.Message);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3090, LogLevel.Warning, "{File}: served serials cannot be kept: {Reason}; after a restart secondaries may miss a change")]
        public static partial void NotKept(ILogger logger, string file, string reason);
    }
}
