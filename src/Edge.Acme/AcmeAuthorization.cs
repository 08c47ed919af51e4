using System.Collections.Immutable;
using System.Text.Json;

namespace Edge.Acme;

/// <summary>An authorization (RFC 8555 §7.1.4).</summary>
internal sealed record AcmeAuthorization
{
    public required Uri Url { get; init; }

    /// <summary>The name, without "*." also where the order asked for a wildcard.</summary>
    public required AcmeIdentifier Identifier { get; init; }

    public required bool Wildcard { get; init; }

    public required AcmeStatus Status { get; init; }

    public required ImmutableArray<AcmeChallenge> Challenges { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    public static AcmeAuthorization Read(Uri url, JsonElement root, TimeSpan? retryAfter)
    {
        var identifier = Json.Member(root, "identifier") ?? default;
        return new AcmeAuthorization
        {
            Url = url,
            Identifier = new AcmeIdentifier(Json.Text(identifier, "type") ?? "dns", Json.Text(identifier, "value") ?? ""),
            Wildcard = Json.True(root, "wildcard"),
            Status = AcmeStatusText.Parse(Json.Text(root, "status")),
            Challenges = [.. Json.List(root, "challenges").Select(AcmeChallenge.Read).OfType<AcmeChallenge>()],
            RetryAfter = retryAfter,
        };
    }
}
