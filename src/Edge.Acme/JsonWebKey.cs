using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Edge.Acme;

/// <summary>The canonical JSON of a public key and its thumbprint (RFC 7638 §3).</summary>
internal static class JsonWebKey
{
    /// <summary>The members in lexicographic order without white space; the values are base64url or registered words and need no escaping.</summary>
    public static string Canonical(params ReadOnlySpan<(string Name, string Value)> members)
    {
        var ordered = members.ToArray();
        Array.Sort(ordered, static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return "{" + string.Join(',', ordered.Select(member => $"\"{member.Name}\":\"{member.Value}\"")) + "}";
    }

    public static string Thumbprint(string canonical) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));
}
