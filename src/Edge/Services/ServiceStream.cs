using System.Collections.Immutable;

namespace Edge.Services;

/// <summary>How a service is forwarded byte by byte. Immutable; two equal declarations compare equal.</summary>
internal sealed record ServiceStream
{
    public required StreamProtocol Protocol { get; init; }

    /// <summary>Where it goes; several take turns. At least one: "tcp://192.168.1.10:22".</summary>
    public required ImmutableArray<Uri> To { get; init; }

    /// <summary>The ports to listen at; empty, only with TLS, for the gateway's own HTTPS listeners.</summary>
    public ImmutableArray<StreamListen> Listen { get; init; } = [];

    public ProxyProtocolVersion SendProxy { get; init; }

    /// <summary>How long nothing may move before it is ended; null for the protocol's own: never for TCP and TLS, 2 minutes for UDP.</summary>
    public TimeSpan? Idle { get; init; }

    public bool Equals(ServiceStream? other) =>
        other is not null && Protocol == other.Protocol && To.SequenceEqual(other.To) && Listen.SequenceEqual(other.Listen) && SendProxy == other.SendProxy && Idle == other.Idle;

    public override int GetHashCode() => HashCode.Combine(Protocol, To.Length, Listen.Length, SendProxy, Idle);
}
