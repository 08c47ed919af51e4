using System.Buffers;
using Microsoft.Extensions.Logging;

namespace Edge.Observability.Requests;

/// <summary>
/// The log of requests: those that serve leave a record in a ring and go on; one loop makes lines of the records and writes
/// them. A disk that is slow, full or gone costs lines, and one warning that says how many.
/// </summary>
internal sealed partial class AccessLog : IAsyncDisposable
{
    /// <summary>Records that wait at most: half a second of 16,000 requests a second.</summary>
    public const int Waiting = 8192;

    private const int LargestWrite = 64 * 1024;

    // Bytes of a string that is longer than most hosts and routes.
    private const int LongName = 128;
    private static readonly TimeSpan Busy = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    private readonly RecordPool _pool;
    private readonly RecordRing _ring;
    private readonly Stream _output;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ArrayBufferWriter<byte> _lines = new(LargestWrite);
    // The first line makes it: its tables are no part of a start.
    private readonly Lazy<JsonLine> _json;
    private readonly CombinedLine _combined;
    private readonly SemaphoreSlim _wake = new(0);
    private readonly CancellationTokenSource _end = new();
    private readonly RequestRecord[] _taken = new RequestRecord[16];
    private volatile AccessLogOptions _options;
    private long _touched;
    private volatile bool _reopen;
    private Task _writing = Task.CompletedTask;
    private AccessLogFile? _file;
    private DateTimeOffset _retryAt;
    private DateTimeOffset _asideAt;
    private bool _stays;
    private string? _failing;
    private long _told;
    private long _written;
    private long _dropped;

    /// <param name="options">Where to write, and what.</param>
    /// <param name="pool">Where records go when their line is written.</param>
    /// <param name="output">The standard output.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told about lines that are lost.</param>
    /// <param name="waiting">How many records may wait, a power of two.</param>
    public AccessLog(AccessLogOptions options, RecordPool pool, Stream output, TimeProvider time, ILogger logger, int waiting = Waiting)
    {
        (_options, _pool, _output, _time, _logger) = (options, pool, output, time, logger);
        _ring = new RecordRing(waiting);
        _json = new Lazy<JsonLine>(() => new JsonLine(_lines), isThreadSafe: false);
        _combined = new CombinedLine(_lines);
    }

    /// <summary>Lines written since the start.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <summary>Requests without a line, since the start.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Takes over other options, from the next line on.</summary>
    public void Use(AccessLogOptions options) => _options = options;

    /// <summary>Opens the file anew: somebody has moved it.</summary>
    public void Reopen() => _reopen = true;

    /// <summary>Begins to write.</summary>
    public void Start() => _writing = Task.Run(WriteAsync);

    /// <summary>Takes a record, which is the log's from then on.</summary>
    public void Add(RequestRecord record)
    {
        if (!_options.Enabled)
        {
            _pool.Return(record);
            return;
        }

        if (!_ring.TryAdd(record, out var quarter))
        {
            Interlocked.Increment(ref _dropped);
            _pool.Return(record);
        }
        else if (quarter)
        {
            _wake.Release();
        }
    }

    /// <summary>Writes what is left.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _writing;
        while (WriteSome() > 0)
        {
        }

        _file?.Dispose();
        if (_json.IsValueCreated)
        {
            _json.Value.Dispose();
        }

        _end.Dispose();
        _wake.Dispose();
    }

    private async Task WriteAsync()
    {
        var pause = Busy;
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await _wake.WaitAsync(pause, _end.Token);
                pause = Idle;
                while (WriteSome() > 0)
                {
                    pause = Busy;
                }
            }
            catch (OperationCanceledException) when (_end.IsCancellationRequested)
            {
                return;
            }
            catch (Exception unexpected)
            {
                Log.Broken(_logger, unexpected);
            }
        }
    }

    private int WriteSome()
    {
        var (count, options) = (0, _options);
        _lines.ResetWrittenCount();
        while (_lines.WrittenCount < LargestWrite && TakeSome() is > 0 and var taken)
        {
            foreach (var record in _taken.AsSpan(0, taken))
            {
                Format(record, options);
                _pool.Return(record);
            }

            count += taken;
        }

        if (count > 0)
        {
            Write(count, options);
        }

        TellDropped(options);
        return count;
    }

    // What the records of many routes hold is cold. Looked at one after the other before the first line is made of them, they
    // wait for the memory together, and not each by itself.
    private int TakeSome()
    {
        var count = 0;
        while (count < _taken.Length && _ring.Take() is { } record)
        {
            _taken[count++] = record;
            ColdMemory.Fetch(record.Host, LongName);
            ColdMemory.Fetch(record.Route, LongName);
            _touched += record.Host.Length + (record.Route?.Length ?? 0) + (record.Destination?.Length ?? 0);
        }

        return count;
    }

    private void Format(RequestRecord record, AccessLogOptions options)
    {
        if (options.Format == AccessLogFormat.Json)
        {
            _json.Value.Write(record, options);
        }
        else
        {
            _combined.Write(record, options);
        }
    }

    private void Write(int count, AccessLogOptions options)
    {
        if (_failing is not null && _time.GetUtcNow() < _retryAt)
        {
            Interlocked.Add(ref _dropped, count);
            return;
        }

        try
        {
            WriteLines(options);
            Interlocked.Add(ref _written, count);
            PutAside();
            if (_failing is not null)
            {
                _failing = null;
                Log.Again(_logger, options.File ?? AccessLogOptions.StandardOutput);
            }
        }
        catch (Exception full) when (full is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            Interlocked.Add(ref _dropped, count);
            _file?.Dispose();
            _file = null;
            _retryAt = _time.GetUtcNow() + RetryAfter;
            if (_failing is null)
            {
                Log.Failing(_logger, options.File ?? AccessLogOptions.StandardOutput, full.Message.TrimEnd('.'));
            }

            _failing = full.Message;
        }
    }

    private void WriteLines(AccessLogOptions options)
    {
        if (_reopen || (_file is not null && !_file.IsFor(options)))
        {
            _reopen = false;
            _file?.Dispose();
            _file = null;
        }

        if (options.File is not { } path)
        {
            _output.Write(_lines.WrittenSpan);
            _output.Flush();
            return;
        }

        _file ??= new AccessLogFile(path, options.LargestFile, options.Keep);
        _file.Append(_lines.WrittenSpan);
    }

    // A file that cannot be put aside is written all the same.
    private void PutAside()
    {
        if (_file is not { IsLarge: true } file || _time.GetUtcNow() < _asideAt)
        {
            return;
        }

        try
        {
            file.PutAside();
            _stays = false;
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            _asideAt = _time.GetUtcNow() + RetryAfter;
            if (!_stays)
            {
                _stays = true;
                Log.Stays(_logger, file.Path, wrong.Message.TrimEnd('.'));
            }
        }
    }

    // While the file cannot be written its own warning stands; how many were lost is said when it works again.
    private void TellDropped(AccessLogOptions options)
    {
        var dropped = Dropped;
        if (dropped > _told && _failing is null && _time.GetUtcNow() >= _retryAt)
        {
            Log.Dropped(_logger, dropped - _told, options.File ?? AccessLogOptions.StandardOutput);
            _told = dropped;
            _retryAt = _time.GetUtcNow() + RetryAfter;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5300, LogLevel.Warning, "Requests cannot be logged to {File}: {Reason}. They are served all the same; it is tried again every ten seconds, and said when it works")]
        public static partial void Failing(ILogger logger, string file, string reason);

        [LoggerMessage(5301, LogLevel.Information, "Requests are logged to {File} again")]
        public static partial void Again(ILogger logger, string file);

        [LoggerMessage(5302, LogLevel.Warning, "{Count} requests have no line in {File}: they came faster than lines could be written")]
        public static partial void Dropped(ILogger logger, long count, string file);

        [LoggerMessage(5304, LogLevel.Warning, "{File} is large and cannot be put aside: {Reason}. Requests are logged to it all the same; it is tried again every ten seconds")]
        public static partial void Stays(ILogger logger, string file, string reason);

        [LoggerMessage(5303, LogLevel.Error, "Writing the access log failed once and goes on")]
        public static partial void Broken(ILogger logger, Exception error);
    }
}
