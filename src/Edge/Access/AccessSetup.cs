using System.Net;
using Microsoft.AspNetCore.Http;

namespace Edge.Access;

/// <summary>What access control is made of.</summary>
internal sealed record AccessSetup
{
    public required AccessOptions Options { get; init; }

    /// <summary>Whether a client is of the view "lan"; gets IPv4 addresses as IPv4.</summary>
    public required Func<IPAddress, bool> IsLan { get; init; }

    /// <summary>The addresses of a host by our own resolver; null when they cannot be learned now.</summary>
    public required Func<string, CancellationToken, Task<DynamicHost?>> Resolve { get; init; }

    /// <summary>The files of Edge's own CA and of what it has revoked, for <c>client-cert: edge</c>.</summary>
    public (string Authority, string? Revoked) OwnAuthority => (Path.Combine(Data ?? "/", "ca", "root.crt"), Path.Combine(Data ?? "/", "ca", "clients.crl"));

    /// <summary>The header by which a request that comes back to this process is known.</summary>
    public required KeyValuePair<string, string> LoopMark { get; init; }

    /// <summary>Path and query of a request as the service gets them.</summary>
    public required Func<HttpContext, string> Target { get; init; }

    /// <summary>The method that a request has for routes and services.</summary>
    public required Func<HttpRequest, string> Method { get; init; }

    /// <summary>Whether a client is let in nowhere; gets IPv4 addresses as IPv4.</summary>
    public Func<IPAddress, bool> IsBanned { get; init; } = static _ => false;

    /// <summary>The data folder; null to keep nothing.</summary>
    public string? Data { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Log { get; init; }
}
