using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Edge.Dns.Files;

namespace Edge.Gateway;

/// <summary>Since when hosts have Strict-Transport-Security: a line SECONDS HOST for each. When it is lost, they begin anew.</summary>
/// <param name="path">Its path in the data folder.</param>
internal sealed partial class HstsFile(string path, ILogger log)
{
    private const long MostBytes = 8 << 20;

    private string _saved = "";

    public ConcurrentDictionary<string, DateTimeOffset> Load()
    {
        var found = new ConcurrentDictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        try
        {
            foreach (var line in (_saved = Encoding.UTF8.GetString(OrdinaryFile.ReadBytes(path, MostBytes))).Split('\n'))
            {
                var space = line.IndexOf(' ', StringComparison.Ordinal);
                if (space > 0 && long.TryParse(line.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out var since) && since < uint.MaxValue)
                {
                    found[line[(space + 1)..]] = DateTimeOffset.FromUnixTimeSeconds(since);
                }
            }
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            // A first start.
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            Log.Failed(log, path, unreadable.Message);
        }

        return found;
    }

    public void Save(IEnumerable<KeyValuePair<string, DateTimeOffset>> since)
    {
        var text = string.Concat(since.Where(pair => !pair.Key.Any(char.IsControl)).OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Value.ToUnixTimeSeconds()} {pair.Key}\n")));
        if (text == _saved)
        {
            return;
        }

        try
        {
            DurableFile.Write(path, text);
            _saved = text;
        }
        catch (IOException full)
        {
            Log.Failed(log, path, full.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5960, LogLevel.Warning, "{Path}: {Reason}; until it can be kept, HSTS begins anew with each start")]
        public static partial void Failed(ILogger log, string path, string reason);
    }
}
