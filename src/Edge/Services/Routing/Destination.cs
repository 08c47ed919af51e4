namespace Edge.Services.Routing;

/// <summary>One place requests go to.</summary>
/// <param name="Uri">An absolute http or https URI.</param>
/// <param name="Weight">Its share of the requests, beside those of the others.</param>
internal sealed record Destination(Uri Uri, int Weight = 1);
