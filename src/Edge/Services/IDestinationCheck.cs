namespace Edge.Services;

/// <summary>Knows which destinations are never served. Whoever forwards requests implements it.</summary>
internal interface IDestinationCheck
{
    /// <summary>Why requests would not be forwarded there; null when they would.</summary>
    string? Wrong(Uri destination, out string? hint);
}
