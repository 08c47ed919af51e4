namespace Edge.Names.Leases;

/// <summary>Clients whose names are not served.</summary>
/// <param name="Count">How many.</param>
/// <param name="Name">The name of one of them.</param>
/// <param name="Reason">Why it is refused.</param>
internal sealed record RefusedNames(int Count, string Name, string Reason);
