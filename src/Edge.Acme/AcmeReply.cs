using System.Collections.Immutable;
using System.Net;
using System.Text.Json;

namespace Edge.Acme;

/// <summary>An answer of the CA, read to its end.</summary>
internal sealed record AcmeReply(Uri Url, HttpStatusCode Status, byte[] Body, string? ContentType, Uri? Location, TimeSpan? RetryAfter)
{
    /// <summary>Where the same thing is in another form: other chains of a certificate (RFC 8555 §7.4.2).</summary>
    public ImmutableArray<Uri> Alternates { get; init; } = [];

    /// <summary>Replay-Nonce (RFC 8555 §6.5.1); null when the answer brought none.</summary>
    public string? Nonce { get; init; }

    public bool IsSuccess => (int)Status is >= 200 and < 300;

    /// <summary>The body as JSON.</summary>
    /// <exception cref="AcmeException">It is not JSON.</exception>
    public JsonElement Json()
    {
        try
        {
            using var document = JsonDocument.Parse(Body);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            throw new AcmeException(Odd("an answer that is not JSON"));
        }
    }

    /// <summary>The refusal in the body, or one made from the status where a proxy or a broken server answered.</summary>
    public AcmeProblem Problem()
    {
        if (ContentType is "application/problem+json" or "application/json")
        {
            try
            {
                using var document = JsonDocument.Parse(Body);
                return AcmeProblem.Read(document.RootElement) with { Status = (int)Status };
            }
            catch (JsonException)
            {
                return Odd("a problem document that is not JSON");
            }
        }

        return Odd($"HTTP {(int)Status}");
    }

    /// <summary>A problem of our own making: the CA did not keep to the protocol.</summary>
    public AcmeProblem Odd(string what) => new() { Type = "about:blank", Detail = $"{Url} gave {what}", Status = (int)Status };
}
