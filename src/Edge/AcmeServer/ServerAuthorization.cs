using System.Text.Json.Serialization;
using Edge.Acme;

namespace Edge.AcmeServer;

/// <summary>The proof of one name within an order (RFC 8555 §7.1.4). All its challenges have the same token.</summary>
internal sealed record ServerAuthorization
{
    /// <summary>Without "*."; or an address.</summary>
    public required string Name { get; init; }

    public bool Wildcard { get; init; }

    /// <summary>Whether it is for an address (RFC 8738).</summary>
    [JsonIgnore]
    public bool IsAddress => AcmeIdentifier.Of(Name).IsAddress;

    public required string Token { get; init; }

    /// <summary>"pending", "valid", "invalid", "deactivated".</summary>
    public string Status { get; init; } = "pending";

    /// <summary>The challenge that the client has chosen: "http-01".</summary>
    public string? Challenge { get; init; }

    public DateTimeOffset? Validated { get; init; }

    /// <summary>Why it was not proven: the ACME error, and words.</summary>
    public string? Error { get; init; }

    public string? Detail { get; init; }
}
