using Edge.Tests.Certificates;
using Microsoft.Extensions.Logging;

namespace Edge.Tests.Services;

/// <summary>Keeps what one type logged.</summary>
internal sealed class TypedLog<T> : ILogger<T>
{
    private readonly LogLines _lines = new();

    public IReadOnlyList<string> Lines => _lines.Lines;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Log(logLevel, eventId, state, exception, formatter);
}
