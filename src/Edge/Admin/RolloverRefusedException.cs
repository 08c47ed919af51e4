namespace Edge.Admin;

/// <summary>A step of a rollover that must not be taken now; the message says why, and when or how it can be.</summary>
internal sealed class RolloverRefusedException(string message) : Exception(message);
