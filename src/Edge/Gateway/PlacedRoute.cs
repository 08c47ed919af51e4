namespace Edge.Gateway;

/// <summary>A route with its place among all.</summary>
internal readonly record struct PlacedRoute(RouteEntry Entry, RoutePlace Place);
