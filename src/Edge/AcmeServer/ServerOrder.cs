using System.Collections.Immutable;

namespace Edge.AcmeServer;

/// <summary>An order with its authorizations, as the store keeps it.</summary>
internal sealed record ServerOrder
{
    public required string Id { get; init; }

    public required string Account { get; init; }

    /// <summary>The client's address: names have to lead there.</summary>
    public required string Client { get; init; }

    /// <summary>Names and addresses as they were asked for, wildcards with their asterisk.</summary>
    public required ImmutableArray<string> Names { get; init; }

    public required ImmutableArray<ServerAuthorization> Authorizations { get; init; }

    public required DateTimeOffset Expires { get; init; }

    /// <summary>The certificate that this order's replaces, as RFC 9773 §4.1 writes it.</summary>
    public string? Replaces { get; init; }

    /// <summary>The certificate that was made; null as long as there is none.</summary>
    public string? Certificate { get; init; }

    /// <summary>RFC 8555 §7.1.6.</summary>
    public string Status(DateTimeOffset now) =>
        Certificate is not null ? "valid"
        : now >= Expires || Authorizations.Any(one => one.Status is "invalid" or "deactivated") ? "invalid"
        : Authorizations.All(one => one.Status == "valid") ? "ready" : "pending";
}
