using Edge.Dns.Multicast;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Tests.Multicast;

/// <summary>Keeps the errors that are logged.</summary>
internal sealed class CountingLog : ILogger<MulticastNode>
{
    public List<string> Errors { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel >= LogLevel.Error)
        {
            Errors.Add($"{formatter(state, exception)}: {exception}");
        }
    }
}
