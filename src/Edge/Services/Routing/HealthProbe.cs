namespace Edge.Services.Routing;

/// <summary>Asks each destination from time to time whether it is well.</summary>
/// <param name="Path">What is asked for.</param>
/// <param name="Interval">How often.</param>
/// <param name="Timeout">How long an answer may take.</param>
/// <param name="Statuses">What a healthy one answers: "200" or "200-299".</param>
/// <param name="Threshold">How many wrong answers in a row it takes to be left out.</param>
internal sealed record HealthProbe(string Path, TimeSpan Interval, TimeSpan Timeout, ValueList<string> Statuses, int Threshold);
