namespace Edge.Admin.Reports;

/// <summary>A wish to serve what was found.</summary>
/// <param name="Found">The name that it would get, or what the neighbour calls it.</param>
/// <param name="As">Another name; null for the one that it would get.</param>
/// <param name="Everywhere">Whether for everybody; else for the LAN.</param>
internal sealed record Adoption(string? Found, string? As, bool Everywhere);
