using Edge.Services.Routing;

namespace Edge.Gateway;

/// <summary>What a service's route asks for while its requests are forwarded; a route that asks for nothing has none.</summary>
internal sealed class RoutePolicy
{
    public int Retries { get; init; }

    public BreakerSettings? Breaker { get; init; }

    /// <summary>What browsers are told about HTTPS; null for what the gateway says for all.</summary>
    public HstsRule? Hsts { get; init; }

    public TimeSpan? RequestTimeout { get; init; }

    /// <summary>Compresses answers; null for a route that passes them on as they are.</summary>
    public AnswerCompressor? Compressor { get; init; }

    /// <summary>The page for what goes wrong; null for the gateway's own.</summary>
    public ErrorPage? ErrorPage { get; init; }
}
