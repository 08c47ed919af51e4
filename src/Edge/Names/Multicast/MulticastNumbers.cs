using System.Globalization;
using Edge.Dns.Files;
using Microsoft.Extensions.Logging;

namespace Edge.Names.Multicast;

/// <summary>
/// The names in mDNS that others had already, with the number that ours got: one a line in a text file of the data folder. A name
/// that changed once stays what it became, so that nobody's bookmark changes with every start (RFC 6762 §9).
/// </summary>
internal sealed partial class MulticastNumbers
{
    private const int Most = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly string _path;
    private readonly ILogger _log;

    public MulticastNumbers(string data, ILogger log)
    {
        (_path, _log) = (Path.Combine(data, "mdns-names"), log);
        Try(() =>
        {
            foreach (var line in File.Exists(_path) ? File.ReadAllLines(_path) : [])
            {
                if (line.Split(' ') is [var name, var text] && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 1 and <= Most)
                {
                    _numbers[name] = number;
                }
            }
        });
    }

    public int Of(string name)
    {
        lock (_gate)
        {
            return _numbers.GetValueOrDefault(name, 1);
        }
    }

    public void Keep(string name, int number)
    {
        lock (_gate)
        {
            if (_numbers.Count < Most)
            {
                _numbers[name] = number;
            }

            Try(() => DurableFile.Write(_path, string.Concat(_numbers.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Key} {one.Value}\n")))));
        }
    }

    // Without the file a name is looked for again at the next start; that is no reason to stop.
    private void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            Log.Failed(_log, _path, failed.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3200, LogLevel.Warning, "{File} cannot be read or written: {Error}. Names that changed because another device has them are not remembered")]
        public static partial void Failed(ILogger log, string file, string error);
    }
}
