namespace Edge.Dns.Nameserver;

/// <summary>What is known about a query beside its bytes.</summary>
/// <param name="Client">Who asks: it decides the view.</param>
/// <param name="Transport">How it came.</param>
/// <param name="Server">The address that was asked; all zeros where the listener does not know it.</param>
public readonly record struct QueryContext(ClientAddress Client, Transport Transport, ClientAddress Server = default);
