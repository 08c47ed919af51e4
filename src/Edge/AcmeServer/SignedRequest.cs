using System.Text.Json;
using Edge.Acme;

namespace Edge.AcmeServer;

/// <summary>A request whose signature is right (RFC 8555 §6.2).</summary>
/// <param name="Key">The key that signed it.</param>
/// <param name="Account">Whose key that is; null where the request brought its key.</param>
/// <param name="Payload">What it says; undefined for a POST-as-GET (§6.3).</param>
internal sealed record SignedRequest(PublicJwk Key, ServerAccount? Account, JsonElement Payload)
{
    /// <summary>Whether it only wants to read.</summary>
    public bool IsRead => Payload.ValueKind == JsonValueKind.Undefined;
}
