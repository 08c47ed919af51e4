using System.Collections.Immutable;
using System.Text.Json;

namespace Edge.Acme;

/// <summary>An order (RFC 8555 §7.1.3).</summary>
internal sealed record AcmeOrder
{
    public required Uri Url { get; init; }

    public required AcmeStatus Status { get; init; }

    /// <summary>In no particular order; a CA may return authorizations that are already valid.</summary>
    public required ImmutableArray<Uri> Authorizations { get; init; }

    public Uri? Finalize { get; init; }

    /// <summary>Where the chain is once the order is valid.</summary>
    public Uri? Certificate { get; init; }

    public AcmeProblem? Error { get; init; }

    /// <summary>How long the CA asks us to wait before looking again.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public static AcmeOrder Read(Uri url, JsonElement root, TimeSpan? retryAfter) => new()
    {
        Url = url,
        Status = AcmeStatusText.Parse(Json.Text(root, "status")),
        Authorizations = Json.Urls(root, "authorizations"),
        Finalize = Json.Url(root, "finalize"),
        Certificate = Json.Url(root, "certificate"),
        Error = AcmeProblem.ReadMember(root, "error"),
        RetryAfter = retryAfter,
    };
}
