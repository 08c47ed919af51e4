using System.Globalization;
using Edge.Dns.Files;
using Microsoft.Extensions.Logging;

namespace Edge.Names.Multicast;

/// <summary>
/// The names in mDNS that others had already, with the number that ours got: one a line in a text file of the data folder. A name
/// that changed once stays what it became, so that nobody's bookmark changes with every start (RFC 6762 §9). Whoever tells of
/// names does not wait for the disk: the file is written a second later, once for all that changed until then.
/// </summary>
internal sealed partial class MulticastNumbers : IDisposable
{
    private const int Most = 10_000;

    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Lock _writing = new();
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly string _path;
    private readonly ILogger _log;
    private readonly ITimer _timer;
    private bool _isOther;

    public MulticastNumbers(string data, TimeProvider time, ILogger log)
    {
        (_path, _log) = (Path.Combine(data, "mdns-names"), log);
        _timer = time.CreateTimer(static numbers => ((MulticastNumbers)numbers!).Write(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
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
            if (_numbers.GetValueOrDefault(name, 1) == number || (_numbers.Count >= Most && !_numbers.ContainsKey(name)))
            {
                return;
            }

            _numbers[name] = number;
            if (!_isOther)
            {
                _isOther = true;
                _timer.Change(Delay, Timeout.InfiniteTimeSpan);
            }
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        Write();
    }

    // Who writes last has the newest.
    private void Write()
    {
        lock (_writing)
        {
            string text;
            lock (_gate)
            {
                if (!_isOther)
                {
                    return;
                }

                _isOther = false;
                text = string.Concat(_numbers.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Key} {one.Value}\n")));
            }

            Try(() => DurableFile.Write(_path, text));
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
