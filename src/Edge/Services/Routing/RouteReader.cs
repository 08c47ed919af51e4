using Edge.Settings;

namespace Edge.Services.Routing;

/// <summary>Reads what a service and each route of its list may say alike.</summary>
internal static class RouteReader
{
    /// <summary>A route of the list with what the service says for all of its routes, where the route says nothing itself.</summary>
    public static ServiceRoute Inherit(ServiceRoute route, ServiceRoute service) => route with
    {
        To = route.Answer is not null || route.To.Count > 0 ? route.To : service.To,
        Maintenance = route.Maintenance ?? service.Maintenance,
        Traffic = route.Traffic.Or(service.Traffic),
        ToHost = route.ToHost ?? service.ToHost,
        RequestHeaders = route.RequestHeaders ?? service.RequestHeaders,
        ResponseHeaders = route.ResponseHeaders ?? service.ResponseHeaders,
    };

    public static ServiceRoute Read(MapReader reader, string field, string where, bool mayNameFiles) => new()
    {
        Field = field,
        Where = where,
        Match = MatchReader.Read(reader),
        To = DestinationReader.Read(reader),
        Answer = AnswerReader.Read(reader, mayNameFiles),
        Maintenance = AnswerReader.Maintenance(reader, mayNameFiles),
        Traffic = TrafficReader.Read(reader, mayNameFiles),
        Path = RewriteReader.Path(reader),
        ToHost = RewriteReader.Host(reader),
        RequestHeaders = RewriteReader.Headers(reader, "request-headers"),
        ResponseHeaders = RewriteReader.Headers(reader, "response-headers"),
    };
}
