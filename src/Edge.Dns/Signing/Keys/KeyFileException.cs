namespace Edge.Dns.Signing.Keys;

/// <summary>A key file that cannot be used; the message says which, why, and what to do.</summary>
/// <param name="message">The words for the user.</param>
/// <param name="cause">What went wrong.</param>
public sealed class KeyFileException(string message, Exception? cause = null) : Exception(message, cause);
