using Edge.Acme;
using Microsoft.AspNetCore.Http;

namespace Edge.AcmeServer;

/// <summary>What an ACME request gets.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The content.</param>
/// <param name="ContentType">What it is.</param>
internal sealed record ServerReply(int Status, byte[] Body, string ContentType = "application/json")
{
    private const string ErrorPrefix = "urn:ietf:params:acme:error:";

    /// <summary>Where the thing is that was made.</summary>
    public string? Location { get; init; }

    /// <summary>The thing above the one that is sent (RFC 8288).</summary>
    public string? Up { get; init; }

    /// <summary>Seconds after which it is worth while to ask again.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>A refusal (RFC 8555 §6.7).</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="error">The ACME error, such as "malformed".</param>
    /// <param name="detail">What is wrong, for a person.</param>
    public static ServerReply Problem(int status, string error, string detail) =>
        new(status, Json.Write(json =>
        {
            json.WriteString("type", ErrorPrefix + error);
            json.WriteString("detail", detail);
            json.WriteNumber("status", status);
        }), "application/problem+json");

    /// <summary>RFC 8555 §6.2: a refusal that says which algorithms are known.</summary>
    public static ServerReply BadAlgorithm(string detail) =>
        new(StatusCodes.Status400BadRequest, Json.Write(json =>
        {
            json.WriteString("type", ErrorPrefix + "badSignatureAlgorithm");
            json.WriteString("detail", detail);
            json.WriteNumber("status", StatusCodes.Status400BadRequest);
            Json.WriteTexts(json, "algorithms", PublicJwk.Algorithms);
        }), "application/problem+json");

    public static ServerReply Malformed(string detail) => Problem(StatusCodes.Status400BadRequest, "malformed", detail);

    public static ServerReply Unauthorized(string detail) => Problem(StatusCodes.Status403Forbidden, "unauthorized", detail);

    public static ServerReply NotFound(string what) => Problem(StatusCodes.Status404NotFound, "malformed", $"there is no such {what}");

    public static ServerReply Of(int status, Action<System.Text.Json.Utf8JsonWriter> members) => new(status, Json.Write(members));

    public async Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = Status;
        response.Headers.CacheControl = "no-store";
        if (Location is not null)
        {
            response.Headers.Location = Location;
        }

        if (Up is not null)
        {
            response.Headers.Append("Link", $"<{Up}>;rel=\"up\"");
        }

        if (RetryAfter is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        if (Status == StatusCodes.Status204NoContent)
        {
            return;
        }

        response.ContentType = ContentType;
        response.ContentLength = Body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(Body, context.RequestAborted);
        }
    }
}
