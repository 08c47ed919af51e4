namespace Edge.Services.Routing;

/// <summary>What the gateway itself answers, instead of forwarding.</summary>
internal abstract record RouteAnswer;
