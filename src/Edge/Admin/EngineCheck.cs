using Edge.Docker;

namespace Edge.Admin;

/// <summary>Looks whether the engines of containers are there: no mistake when they are not, since they may start later, but something to know.</summary>
internal static class EngineCheck
{
    public static IEnumerable<string> Of(EdgeOptions options) => options.Docker.Engines
        .Select(engine => (engine.Socket, Problem: EngineSocket.Problem(engine.Socket)))
        .Where(one => one.Problem is not null)
        .Select(one => $"{options.Places.Of("docker")}: {one.Socket} {one.Problem}; no container is served until it answers");
}
