using System.Collections.Immutable;
using Edge.Dns.Files;
using Edge.Dns.Nameserver;
using Microsoft.Extensions.Logging;

namespace Edge.Names;

/// <summary>
/// The secrets of DNS cookies in the data folder: one line of hex digits each, the first makes cookies, all are
/// accepted. A file with a line "rotate" gets a new first secret every month and keeps the one before; without that
/// line it is left as it is, for a fleet that shares one. A change of the file is taken over within a minute.
/// </summary>
internal sealed partial class CookieSecretFile : IDisposable
{
    public const string FileName = "dns-cookie.secrets";
    private const int SecretBytes = 16;
    private const int MostSecrets = 8;
    private const string Rotate = "rotate";
    private const string Explanation = """
        # Secrets of DNS cookies (RFC 9018): the first makes them, all are accepted.
        # Boxes that share an address share this file. Without the line "rotate" Edge leaves it as it is.
        """;

    private static readonly TimeSpan Look = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ITimer _timer;
    private DateTime _read;

    private CookieSecretFile(string path, TimeProvider time, ILogger log)
    {
        (_path, _time, _log) = (path, time, log);
        if (!File.Exists(path))
        {
            Write([ServerCookies.NewSecret()]);
        }

        Cookies = new ServerCookies(Load() ?? [ServerCookies.NewSecret()]);
        _timer = time.CreateTimer(_ => Follow(), null, Look, Look);
    }

    /// <summary>Makes and checks cookies with the secrets of the file.</summary>
    public ServerCookies Cookies { get; }

    /// <summary>Reads the file, or makes it.</summary>
    /// <param name="data">The data folder, a full path.</param>
    /// <param name="time">Says when a month is over.</param>
    /// <param name="log">Told about a file that cannot be used; cookies then last until the next start.</param>
    public static CookieSecretFile Open(string data, TimeProvider time, ILogger log) => new(Path.Combine(data, FileName), time, log);

    public void Dispose() => _timer.Dispose();

    private void Follow()
    {
        try
        {
            if (!File.Exists(_path))
            {
                return;
            }

            if (_time.GetUtcNow() - File.GetLastWriteTimeUtc(_path) > Lifetime && File.ReadLines(_path).Any(line => line.Trim() == Rotate) && Load() is [var first, ..])
            {
                Write([ServerCookies.NewSecret(), first]);
                Log.Rotated(_log, _path);
            }

            if (File.GetLastWriteTimeUtc(_path) != _read && Load() is { } secrets)
            {
                Cookies.Use(secrets);
            }
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            Log.Unusable(_log, _path, wrong.Message);
        }
    }

    private ImmutableArray<byte[]>? Load()
    {
        try
        {
            _read = File.GetLastWriteTimeUtc(_path);
            var lines = File.ReadLines(_path).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#' && line != Rotate).Take(MostSecrets);
            ImmutableArray<byte[]> secrets = [.. lines.Select(Convert.FromHexString)];
            if (secrets.IsEmpty || secrets.Any(secret => secret.Length != SecretBytes))
            {
                throw new FormatException("each line needs 32 hex digits, and there must be one");
            }

            return secrets;
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException or FormatException)
        {
            Log.Unusable(_log, _path, wrong.Message);
            return null;
        }
    }

    private void Write(ImmutableArray<byte[]> secrets)
    {
        try
        {
            DurableFile.Stage(_path, $"{Explanation}\n{Rotate}\n{string.Join('\n', secrets.Select(Convert.ToHexStringLower))}\n", flush: true);
            // Its age is told by our own clock.
            File.SetLastWriteTimeUtc(DurableFile.StagePath(_path), _time.GetUtcNow().UtcDateTime);
            DurableFile.Commit(_path, flush: true);
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            Log.Unusable(_log, _path, wrong.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3050, LogLevel.Warning, "{File}: the secrets of DNS cookies cannot be used ({Reason}); those in use stay")]
        public static partial void Unusable(ILogger log, string file, string reason);

        [LoggerMessage(3051, LogLevel.Information, "{File}: a new secret makes DNS cookies from now on; the one before is still accepted")]
        public static partial void Rotated(ILogger log, string file);
    }
}
