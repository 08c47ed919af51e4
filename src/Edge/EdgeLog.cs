using System.Globalization;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Events;
using Serilog.Extensions.Logging;

namespace Edge;

/// <summary>Where log lines go: Serilog to the console, one line an event, readable by people and by journald.</summary>
internal static class EdgeLog
{
    public static ILoggerFactory Create() => new SerilogLoggerFactory(
        new LoggerConfiguration()
            .MinimumLevel.Is(Level())
            // Kestrel says at Information what costs microseconds on every request; what YARP says of a failed request, with a
            // stack trace, the gateway says in one line.
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            // As long as this one may say anything at all, every request gets an Activity and a scope for it.
            .MinimumLevel.Override("Microsoft.AspNetCore.Hosting.Diagnostics", LevelAlias.Off)
            .MinimumLevel.Override("Yarp", LogEventLevel.Error)
            // The event loops do TLS themselves, HTTP/2 and all.
            .Filter.ByExcluding(line => line.Properties.GetValueOrDefault("EventId") is { } id && id.ToString().Contains("Http2DisabledWithHttp1AndNoTls", StringComparison.Ordinal))
            .WriteTo.Console(
                outputTemplate: Time() + "{Level:u3} {Message:lj}{NewLine}{Exception}",
                formatProvider: CultureInfo.InvariantCulture)
            .CreateLogger(),
        dispose: true);

    // systemd sets the variable for what writes to its journal, which knows the time of every line (systemd.exec).
    private static string Time() =>
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("JOURNAL_STREAM")) ? "{Timestamp:yyyy-MM-ddTHH:mm:sszzz} " : "";

    private static LogEventLevel Level() =>
        Enum.TryParse<LogEventLevel>(Environment.GetEnvironmentVariable("EDGE_LOG"), ignoreCase: true, out var level) ? level : LogEventLevel.Information;
}
