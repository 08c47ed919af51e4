using Edge.Dns.Tests.Zones;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Tests.Transfer;

/// <summary>One log for everything, kept in memory.</summary>
internal sealed class RecordingLogs : ILoggerFactory
{
    private readonly RecordingLogger _logger = new();

    public IEnumerable<string> Lines => _logger.Entries.Select(entry => entry.Text);

    public ILogger CreateLogger(string categoryName) => _logger;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }
}
