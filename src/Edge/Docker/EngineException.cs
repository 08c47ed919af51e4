namespace Edge.Docker;

/// <summary>An engine did not answer, or not with what was asked for; the message says what, for a person.</summary>
internal sealed class EngineException(string message, Exception? cause = null) : Exception(message, cause);
