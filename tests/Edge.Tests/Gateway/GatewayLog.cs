using Edge.Tests.Certificates;
using Microsoft.Extensions.Logging;

namespace Edge.Tests.Gateway;

/// <summary>Everything that is logged under any name, in one list.</summary>
internal sealed class GatewayLog : ILoggerProvider
{
    private readonly LogLines _lines = new();

    public IReadOnlyList<string> Lines => _lines.Lines;

    public ILogger CreateLogger(string categoryName) => _lines;

    public void Dispose()
    {
    }
}
