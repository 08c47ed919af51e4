namespace Edge.Services;

/// <summary>Nobody has been asked to know how services are served.</summary>
internal sealed class NoServiceStatus : IServiceStatus
{
    public ServiceStatus? Of(Service service) => null;
}
