namespace Edge.Acme;

/// <summary>A certificate was not obtained for a reason on our side, or the CA gave one that must not be used.</summary>
/// <param name="message">What is wrong, for a person.</param>
public sealed class IssuanceException(string message) : Exception(message);
