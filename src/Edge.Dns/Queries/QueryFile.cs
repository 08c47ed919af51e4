using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Queries;

/// <summary>
/// Writes queries to a file, a line of JSON for each, from a task of its own: a disk that is slow, full or gone costs
/// lines and one warning, and nothing else.
/// </summary>
internal sealed partial class QueryFile(TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private const int Waiting = 20_000;
    private const int LargestWrite = 64 * 1024;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    private readonly Channel<RecordedQuery> _queries = Channel.CreateBounded<RecordedQuery>(new BoundedChannelOptions(Waiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
    private readonly MemoryStream _lines = new();
    private volatile QueryLogOptions? _options;
    private QueryFileFolder? _open;
    private Task _writing = Task.CompletedTask;
    private DateTimeOffset _retryAt;
    private bool _failing;
    private long _lost;

    /// <summary>Whether there is a file to write.</summary>
    public bool IsWanted => _options is not null;

    /// <summary>Takes over where to write, or that nothing is written.</summary>
    public void Use(QueryLogOptions options) => _options = options is { Enabled: true, File: not null } ? options : null;

    /// <summary>Begins to write.</summary>
    public void Start() => _writing = Task.Run(WriteAsync);

    /// <summary>Writes a query soon; nobody waits for that.</summary>
    public void Add(RecordedQuery query)
    {
        if (!_queries.Writer.TryWrite(query))
        {
            Interlocked.Increment(ref _lost);
        }
    }

    /// <summary>Writes what is left.</summary>
    public async ValueTask DisposeAsync()
    {
        _queries.Writer.TryComplete();
        await _writing.ConfigureAwait(false);
        _open?.Dispose();
    }

    private async Task WriteAsync()
    {
        while (await _queries.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            var count = Collect();
            try
            {
                Write(count);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
            {
                Fail(e, count);
            }
            catch (Exception e)
            {
                Log.Broken(logger, e);
            }
        }
    }

    private int Collect()
    {
        var count = 0;
        _lines.SetLength(0);
        while (_lines.Length < LargestWrite && _queries.Reader.TryRead(out var query))
        {
            JsonSerializer.Serialize(_lines, query, QueryJson.Default.RecordedQuery);
            _lines.WriteByte((byte)'\n');
            count++;
        }

        return count;
    }

    private void Write(int count)
    {
        var options = _options;
        if (_open is not null && !_open.IsFor(options))
        {
            _open.Dispose();
            _open = null;
        }

        if (options is null)
        {
            return;
        }

        if (_failing && time.GetUtcNow() < _retryAt)
        {
            Interlocked.Add(ref _lost, count);
            return;
        }

        _open ??= new QueryFileFolder(options, time);

        _open.Append(_lines.GetBuffer().AsSpan(0, (int)_lines.Length));
        if (_failing)
        {
            _failing = false;
            Log.Again(logger, options.File!, Interlocked.Exchange(ref _lost, 0));
        }
    }

    private void Fail(Exception error, int count)
    {
        Interlocked.Add(ref _lost, count);
        _open?.Dispose();
        _open = null;
        _retryAt = time.GetUtcNow() + RetryAfter;
        if (!_failing)
        {
            _failing = true;
            Log.Failing(logger, _options?.File ?? "", error.Message.TrimEnd('.'));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1371, LogLevel.Warning, "Queries cannot be written to {File}: {Reason}. Names are answered all the same; it is tried again, and said when it works")]
        public static partial void Failing(ILogger logger, string file, string reason);

        [LoggerMessage(1372, LogLevel.Information, "Queries are written to {File} again; {Lost} were not")]
        public static partial void Again(ILogger logger, string file, long lost);

        [LoggerMessage(1373, LogLevel.Error, "Writing queries to their file failed once and goes on")]
        public static partial void Broken(ILogger logger, Exception error);
    }
}
