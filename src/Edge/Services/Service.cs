using System.Collections.Immutable;
using Edge.Services.Routing;

namespace Edge.Services;

/// <summary>A service said once, whatever said it. Immutable; two equal declarations compare equal.</summary>
internal sealed record Service
{
    /// <summary>Its short name, one DNS label: "photos".</summary>
    public required string Name { get; init; }

    /// <summary>Its host names in lower case without a trailing dot; at least one. A first label of "*" is a wildcard.</summary>
    public required ImmutableArray<string> Hosts { get; init; }

    /// <summary>Where requests go, by whatever route; several are balanced. Absolute http or https URIs; none for a name without a gateway route.</summary>
    public required ImmutableArray<Uri> To { get; init; }

    /// <summary>How it is forwarded byte by byte; null for HTTP. <see cref="To"/> is empty then.</summary>
    public ServiceStream? Stream { get; init; }

    public Exposure Expose { get; init; } = Exposure.Everywhere;

    /// <summary>Who may use it; null for everybody who can reach it.</summary>
    public ServiceAccess? Access { get; init; }

    /// <summary>What it says of its requests beyond destinations for all of them; null when that is all.</summary>
    public ServiceRouting? Routing { get; init; }

    /// <summary>The kind of source that declares it.</summary>
    public required SourceKind Source { get; init; }

    /// <summary>Of its kind, who: see <see cref="Declarer.Party"/>.</summary>
    public string Party { get; init; } = "";

    /// <summary>Where exactly: "proxy-routes/photos.yaml:3", "token laptop", "container web".</summary>
    public required string Where { get; init; }

    /// <summary>How its destinations were found, or why they are not asked; null where the declaration says them.</summary>
    public string? Remark { get; init; }

    /// <summary>What a neighbour announces and its destination follows; null for one that is where it was declared to be.</summary>
    public AnnouncedService? Announced { get; init; }

    /// <summary>The lease it lives by; null for a service that stays.</summary>
    public ServiceLease? Lease { get; init; }

    public bool Equals(Service? other) =>
        other is not null && Name == other.Name && Hosts.SequenceEqual(other.Hosts) && To.SequenceEqual(other.To)
        && Expose == other.Expose && Stream == other.Stream && Routing == other.Routing && Source == other.Source && Party == other.Party && Where == other.Where && Remark == other.Remark && Lease == other.Lease && Access == other.Access && Announced == other.Announced;

    public override int GetHashCode() => HashCode.Combine(Name, Source, Where, Hosts.Length, To.Length);
}
