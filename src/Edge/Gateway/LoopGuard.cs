using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Edge.Gateway;

/// <summary>
/// Recognises requests that this process has forwarded already. Every forwarded request carries our random id in
/// CDN-Loop (RFC 8586); whoever is behind may not remove it (section 2), so it survives a way through other proxies.
/// </summary>
internal sealed class LoopGuard
{
    public const string HeaderName = "CDN-Loop";

    /// <summary>The cdn-id of this process, another one after every start.</summary>
    public string Id { get; } = "edge-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

    /// <summary>Whether the request has been here before.</summary>
    public bool HasSeen(HttpRequest request)
    {
        foreach (var value in request.Headers[HeaderName])
        {
            if (value is not null && value.Contains(Id, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Puts our id behind those that are there, as RFC 8586 section 2 asks.</summary>
    public void Mark(HttpRequest incoming, HttpRequestMessage outgoing)
    {
        var before = incoming.Headers[HeaderName].ToString();
        if (before.Length > 0)
        {
            outgoing.Headers.Remove(HeaderName);
        }

        outgoing.Headers.TryAddWithoutValidation(HeaderName, before.Length == 0 ? Id : $"{before}, {Id}");
    }
}
