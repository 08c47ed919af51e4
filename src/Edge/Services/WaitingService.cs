using Edge.Services.Routing;

namespace Edge.Services;

/// <summary>What becomes of a service while nothing can answer for it.</summary>
internal static class WaitingService
{
    /// <summary>
    /// The name stays, and whoever asks is told when to ask again. What is no HTTP has no words for it, and its port is
    /// closed: null.
    /// </summary>
    /// <param name="service">The service.</param>
    /// <param name="answer">What is answered.</param>
    /// <param name="why">Why, for whoever keeps it.</param>
    public static Service? Of(Service service, NotReadyAnswer answer, string why)
    {
        if (service.Stream is not null)
        {
            return null;
        }

        var routes = service.Routing?.Routes ?? [new ServiceRoute { Field = "", Where = service.Where, To = [.. service.To.Select(to => new Destination(to))] }];
        return service with
        {
            Routing = new ServiceRouting([.. routes.Select(route => route with { Answer = answer })]),
            Remark = $"answered with 503, because {why}",
        };
    }
}
