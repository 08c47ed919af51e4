namespace Edge.Services;

/// <summary>Knows how a service is served right now. Whoever can see names, routes and certificates implements it.</summary>
internal interface IServiceStatus
{
    /// <summary>The state of a service in effect; null when nobody knows.</summary>
    ServiceStatus? Of(Service service);

    /// <summary>The same for many services at one moment: what is collected for all of them is collected once.</summary>
    Func<Service, ServiceStatus?> Look() => Of;
}
