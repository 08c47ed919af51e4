namespace Edge;

/// <summary>Edge cannot start; the message says what is in the way and what to do, in one line.</summary>
internal sealed class StartFailedException(string message, Exception? cause = null) : Exception(message, cause);
