using System.Text.Json;

namespace Edge.Certificates.Acme;

/// <summary>A challenge (RFC 8555 §7.1.5).</summary>
/// <param name="Type">"dns-01" and others, also ones this program has never heard of.</param>
/// <param name="Url">Where to say that it is ready.</param>
/// <param name="Token">Its token; null for types that have none.</param>
/// <param name="Status">Its state.</param>
/// <param name="Error">Why validation failed.</param>
internal sealed record AcmeChallenge(string Type, Uri Url, string? Token, AcmeStatus Status, AcmeProblem? Error)
{
    public static AcmeChallenge? Read(JsonElement element) =>
        Json.Text(element, "type") is { } type && Json.Url(element, "url") is { } url
            ? new AcmeChallenge(type, url, Json.Text(element, "token"), AcmeStatusText.Parse(Json.Text(element, "status")), AcmeProblem.ReadMember(element, "error"))
            : null;
}
