namespace Edge.Gateway;

/// <summary>What becomes of the table by one change.</summary>
/// <param name="Gone">Routes that are in it and go.</param>
/// <param name="Come">Routes that come.</param>
/// <param name="Built">How many services or routes were built anew.</param>
internal sealed record RouteChanges(IReadOnlyCollection<RouteEntry> Gone, IReadOnlyCollection<PlacedRoute> Come, int Built);
