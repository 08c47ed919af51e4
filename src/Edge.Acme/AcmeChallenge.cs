using System.Collections.Immutable;
using System.Text.Json;

namespace Edge.Acme;

/// <summary>A challenge (RFC 8555 §7.1.5).</summary>
/// <param name="Type">"dns-01" and others, also ones this program has never heard of.</param>
/// <param name="Url">Where to say that it is ready.</param>
/// <param name="Token">Its token; null for types that have none.</param>
/// <param name="Status">Its state.</param>
/// <param name="Error">Why validation failed.</param>
internal sealed record AcmeChallenge(string Type, Uri Url, string? Token, AcmeStatus Status, AcmeProblem? Error)
{
    /// <summary>dns-persist-01: how the record may name the CA.</summary>
    public ImmutableArray<string> IssuerDomainNames { get; init; } = [];

    public static AcmeChallenge? Read(JsonElement element) =>
        Json.Text(element, "type") is { } type && Json.Url(element, "url") is { } url
            ? new AcmeChallenge(type, url, Json.Text(element, "token"), AcmeStatusText.Parse(Json.Text(element, "status")), AcmeProblem.ReadMember(element, "error")) { IssuerDomainNames = Json.Texts(element, "issuer-domain-names") }
            : null;
}
