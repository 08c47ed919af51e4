using Edge.Services;
using Edge.Services.Routing;

namespace Edge.Docker;

/// <summary>What becomes of a service whose containers cannot answer.</summary>
internal static class Waiting
{
    /// <summary>The service that says so; null for one that is no HTTP.</summary>
    public static Service? Of(Service service, ContainerState state)
    {
        var (answer, why) = Said(service.Name, state);
        return WaitingService.Of(service, answer, why);
    }

    private static (NotReadyAnswer Answer, string Why) Said(string name, ContainerState state) => state switch
    {
        ContainerState.Starting => (new NotReadyAnswer("starting", "Starting", $"{name} is starting. It is there in a moment.", 5), "the health check of its container has not passed yet"),
        ContainerState.Restarting => (new NotReadyAnswer("restarting", "Starting", $"{name} is starting again. It is there in a moment.", 5), "its container has ended and is started again"),
        ContainerState.Paused => (new NotReadyAnswer("paused", "Paused", $"{name} is paused.", 30), "its container is paused"),
        ContainerState.Stopped => (new NotReadyAnswer("stopped", "Not running", $"{name} does not run at the moment. If it is being restarted, it is there again soon.", 5), "its container has stopped; a moment later its name goes as well"),
        _ => (new NotReadyAnswer("unhealthy", "Not working", $"{name} does not work at the moment.", 10), "the health check of its container fails"),
    };
}
