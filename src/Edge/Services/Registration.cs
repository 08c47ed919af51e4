using System.Collections.Immutable;
using System.Text;
using Edge.Services.Routing;
using Edge.Settings;
using Edge.Stores;

namespace Edge.Services;

/// <summary>A service as somebody registered it, and as the store keeps it.</summary>
internal sealed record Registration
{
    /// <summary>Under this prefix, followed by its name, each registration stands in the store.</summary>
    public const string Prefix = "services/";

    public required string Name { get; init; }

    public required ImmutableArray<string> Hosts { get; init; }

    public required ImmutableArray<Uri> To { get; init; }

    public required Exposure Expose { get; init; }

    public ServiceAccess? Access { get; init; }

    /// <summary>The whole declaration as JSON, when it says more than hosts, destinations and exposure; null otherwise.</summary>
    public string? Declared { get; init; }

    public required TimeSpan TimeToLive { get; init; }

    /// <summary>The name of the token it was registered with.</summary>
    public required string Owner { get; init; }

    /// <summary>The revision of its first registration, by which the older one keeps a host; 0 when that is this very entry.</summary>
    public required long Since { get; init; }

    public bool Equals(Registration? other) =>
        other is not null && Name == other.Name && Hosts.SequenceEqual(other.Hosts) && To.SequenceEqual(other.To)
        && Expose == other.Expose && Declared == other.Declared && TimeToLive == other.TimeToLive && Owner == other.Owner && Since == other.Since && Access == other.Access;

    public override int GetHashCode() => HashCode.Combine(Name, Owner, Since);

    public Service ToService(LeaseId? lease) => new()
    {
        Name = Name,
        Hosts = Hosts,
        To = IsStream ? [] : To,
        Stream = IsStream ? ReadStream() : null,
        Expose = Expose,
        Access = Access,
        Routing = IsStream ? null : ReadRouting(),
        Source = SourceKind.Api,
        Party = Owner,
        Where = $"token {Owner}",
        Lease = lease is { } id ? new ServiceLease(id.Value, TimeToLive) : null,
    };

    private bool IsStream => To is [{ Scheme: not ("http" or "https") }, ..];

    private ServiceStream? ReadStream()
    {
        var problems = new ProblemList();
        return Declared is not null && JsonDocumentReader.Read(Encoding.UTF8.GetBytes(Declared), problems) is { } body
            && ServiceStreamReader.Read(new MapReader(body, problems), Declarer.Token(Owner, mayOpenPorts: true)) is { } stream && !problems.Any ? stream : null;
    }

    // What an older version accepted and this one does not is left out: the destinations stay.
    private ServiceRouting? ReadRouting()
    {
        var problems = new ProblemList();
        if (Declared is null || JsonDocumentReader.Read(Encoding.UTF8.GetBytes(Declared), problems) is not { } body)
        {
            return null;
        }

        var (_, routing) = RoutingReader.Read(new MapReader(body, problems), Hosts, $"token {Owner}", mayNameFiles: false);
        return problems.Any ? null : routing;
    }
}
