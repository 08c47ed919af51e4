namespace Edge.Services;

/// <summary>A service as it was read, and how long it wants to live without a renewal.</summary>
internal sealed record ServiceDeclaration(Service Service, TimeSpan TimeToLive);
