using System.Runtime.InteropServices;
using Edge.Observability.Metrics;
using Edge.Observability.Requests;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Observability;

/// <summary>What a running Edge takes down of its own work: the access log, the counts, the traces.</summary>
internal sealed class ObservabilityRoom : IAsyncDisposable
{
    private PosixSignalRegistration? _hangUp;

    private ObservabilityRoom(AccessLogOptions options, bool tracing, Stream output, TimeProvider time, ILogger logger)
    {
        Time = time;
        Log = new AccessLog(options, Records, output, time, logger);
        Tracing = new RequestTracing(tracing);
    }

    public TimeProvider Time { get; }

    public RecordPool Records { get; } = new();

    public AccessLog Log { get; }

    public RequestMetrics Requests { get; } = new();

    /// <summary>Connections of the gateway's listeners.</summary>
    public ConnectionMetrics Connections { get; } = new();

    public RequestTracing Tracing { get; }

    /// <param name="options">The access log.</param>
    /// <param name="tracing">Whether somebody collects traces.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told about lines that are lost.</param>
    public static ObservabilityRoom Open(AccessLogOptions options, bool tracing, TimeProvider time, ILogger logger) =>
        new(options, tracing, Console.OpenStandardOutput(), time, logger);

    /// <summary>Counts, and writes nothing.</summary>
    public static ObservabilityRoom Silent() => new(new AccessLogOptions { Enabled = false }, false, Stream.Null, TimeProvider.System, NullLogger.Instance);

    /// <summary>Begins to write, and opens the log anew on SIGHUP, which logrotate sends.</summary>
    public void Start()
    {
        Log.Start();
        // In a terminal the signal means that the terminal is gone, which ends a program.
        if (Console.IsInputRedirected)
        {
            _hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
            {
                signal.Cancel = true;
                Log.Reopen();
            });
        }
    }

    public async ValueTask DisposeAsync()
    {
        _hangUp?.Dispose();
        await Log.DisposeAsync();
        Tracing.Dispose();
    }
}
