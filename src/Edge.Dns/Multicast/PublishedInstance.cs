using System.Collections.Immutable;

namespace Edge.Dns.Multicast;

/// <summary>One way to a service, as DNS service discovery tells of it (RFC 6763).</summary>
/// <param name="Type">Its type: "_https._tcp".</param>
/// <param name="Port">Where it listens.</param>
/// <param name="Text">KEY=VALUE, or KEY alone (RFC 6763 §6.3).</param>
public sealed record PublishedInstance(string Type, int Port, ImmutableArray<string> Text)
{
    /// <summary>Parts of the type under which it is found as well: "_printer" (RFC 6763 §7.1).</summary>
    public ImmutableArray<string> Subtypes { get; init; } = [];

    /// <inheritdoc/>
    public bool Equals(PublishedInstance? other) => other is not null && Type == other.Type && Port == other.Port && Text.SequenceEqual(other.Text) && Subtypes.SequenceEqual(other.Subtypes);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Type, Port);
}
