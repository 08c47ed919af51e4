namespace Edge.Certificates;

/// <summary>A certificate was not obtained for a reason on our side, or the CA gave one that must not be used.</summary>
internal sealed class IssuanceException(string message) : Exception(message);
