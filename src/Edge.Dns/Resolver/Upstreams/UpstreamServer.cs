using System.Collections.Immutable;
using System.Net;

namespace Edge.Dns.Resolver.Upstreams;

/// <summary>One resolver to ask, as it is written in settings; two are equal when they are written alike.</summary>
public sealed record UpstreamServer
{
    /// <summary>More than this many for the same names are not used.</summary>
    public const int MaxCount = 16;

    /// <summary>How it is spoken to.</summary>
    public required UpstreamProtocol Protocol { get; init; }

    /// <summary>The name in its certificate, or its only address as text; null where there is no certificate.</summary>
    public string? Name { get; init; }

    /// <summary>Where it is; empty when its name has to be resolved first.</summary>
    public ImmutableArray<IPAddress> Addresses { get; init; } = [];

    /// <summary>Its port.</summary>
    public required int Port { get; init; }

    /// <summary>The path of its HTTPS endpoint, with the slash; empty for the other protocols.</summary>
    public string Path { get; init; } = "";

    /// <summary>Whether its name has to be resolved before it can be asked.</summary>
    public bool NeedsBootstrap => Addresses.IsEmpty;

    /// <summary>A resolver that is asked over UDP, and TCP for what does not fit.</summary>
    public static UpstreamServer Plain(IPEndPoint endPoint) => new() { Protocol = UpstreamProtocol.Plain, Addresses = [endPoint.Address], Port = endPoint.Port };

    /// <summary>Reads what a person wrote; on failure <paramref name="error"/> says what is wrong and what to write.</summary>
    public static UpstreamServer? Parse(string text, out string? error) => UpstreamText.Parse(text, out error);

    /// <summary>A plain resolver at this endpoint.</summary>
    public static implicit operator UpstreamServer(IPEndPoint endPoint) => Plain(endPoint);

    /// <summary>The form in which it is written in settings.</summary>
    public override string ToString() => UpstreamText.Format(this);

    /// <inheritdoc/>
    public bool Equals(UpstreamServer? other) => other is not null && ToString() == other.ToString();

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);
}
