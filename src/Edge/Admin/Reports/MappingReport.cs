using Edge.PortMapping;

namespace Edge.Admin.Reports;

/// <summary>A port of the router that should lead here.</summary>
/// <param name="For">"https", "http", or the name of a service.</param>
/// <param name="Protocol">"tcp" or "udp".</param>
/// <param name="External">The router's port.</param>
/// <param name="Internal">Ours.</param>
/// <param name="State">"mapped", "taken", "refused" or "silent".</param>
/// <param name="Until">When it ends unless it is prolonged, which happens at half of its time.</param>
/// <param name="Reason">Why it is not there.</param>
internal sealed record MappingReport(string For, string Protocol, int External, int Internal, string State, DateTimeOffset? Until, string? Reason)
{
    public static MappingReport Of(MappingStatus status) => new(
        status.Wanted.For,
        status.Wanted.Protocol.ToString().ToLowerInvariant(),
        status.Wanted.External,
        status.Wanted.Internal,
        status.IsMade ? "mapped" : status.Outcome.ToString().ToLowerInvariant(),
        status.Until,
        status.Reason);
}
