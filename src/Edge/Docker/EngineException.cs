namespace Edge.Docker;

/// <summary>An engine did not answer, or not with what was asked for; the message says what, for a person.</summary>
internal sealed class EngineException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Nobody is at the other end, or has hung up: asking for something else would end the same way.</summary>
    public bool IsAway { get; init; }
}
