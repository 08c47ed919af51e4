namespace Edge.Services.Routing;

/// <summary>A change of one header.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value; "" when it is removed.</param>
internal sealed record HeaderChange(HeaderChangeKind Kind, string Name, string Value);
