using System.Buffers.Text;
using Edge.Acme;
using Edge.Settings;

namespace Edge.Certificates;

/// <summary>The section <c>external-account</c> of a CA: what it gave a customer to bind the ACME account to (RFC 8555 §7.3.4).</summary>
internal static class ExternalAccountOptions
{
    /// <summary>The account; null when none is set or it cannot be used.</summary>
    public static ExternalAccount? Read(MapReader section, string key, out bool usable)
    {
        usable = true;
        if (section.Section(key) is not { } inner)
        {
            usable = section.Node(key) is null;
            return null;
        }

        var id = inner.Text("key-id");
        var text = inner.Text("hmac-key");
        inner.Done();
        var bytes = text is null ? null : Decode(text);
        usable = id is { Length: > 0 } && bytes is { Length: > 0 };
        if (id is null or "")
        {
            inner.Problems.Add(inner.Map, "needs \"key-id\", the name of the key that the CA gave you");
        }

        if (bytes is null or [])
        {
            inner.Problems.Add(inner.Node("hmac-key") ?? inner.Map, text is null ? "needs \"hmac-key\", the key that the CA gave you" : "is not base64url; copy the key as the CA shows it");
        }

        return usable ? new ExternalAccount(id!, bytes!) : null;
    }

    // base64url as RFC 8555 §7.3.4 says; some CAs show plain base64 with padding.
    private static byte[]? Decode(string text)
    {
        try
        {
            return Base64Url.DecodeFromChars(text.TrimEnd('=').Replace('+', '-').Replace('/', '_'));
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
