namespace Edge.Services;

/// <summary>Knows how a service is served right now. Whoever can see names, routes and certificates implements it.</summary>
internal interface IServiceStatus
{
    /// <summary>The state of a service in effect; null when nobody knows.</summary>
    ServiceStatus? Of(Service service);
}
