namespace Edge.Dns.Nameserver;

/// <summary>What is known about a query beside its bytes.</summary>
/// <param name="Client">Who asks: it decides the view.</param>
/// <param name="Transport">How it came.</param>
public readonly record struct QueryContext(ClientAddress Client, Transport Transport);
