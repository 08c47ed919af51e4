namespace Edge.Services.Routing;

/// <summary>When a destination gets no requests because those before failed.</summary>
/// <param name="Failures">How many in a row.</param>
/// <param name="Open">For how long; then one request tries.</param>
internal sealed record BreakerSettings(int Failures, TimeSpan Open);
