using Microsoft.AspNetCore.Http;

namespace Edge.Access;

/// <summary>Who the client was found to be: the headers that tell the service.</summary>
/// <param name="Headers">Names with values.</param>
/// <param name="HidesAuthorization">The header Authorization was for this gateway, and holds a password the service has no business with.</param>
internal sealed record Identity(IReadOnlyList<KeyValuePair<string, string>> Headers, bool HidesAuthorization = false)
{
    /// <summary>The name of the user; null where it is not told.</summary>
    public string? User => Headers.FirstOrDefault(header => header.Key.Equals(IdentityHeaders.User, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>The identity found for this request; null for none.</summary>
    public static Identity? Of(HttpContext context) => context.Features[typeof(Identity)] as Identity;

    /// <summary>Keeps it for the step that forwards.</summary>
    public void Attach(HttpContext context) => context.Features.Set(this);

    public void Write(HttpRequestMessage request)
    {
        foreach (var (name, value) in Headers)
        {
            request.Headers.TryAddWithoutValidation(name, Plain(value));
        }

        if (HidesAuthorization)
        {
            request.Headers.Remove("Authorization");
        }
    }

    // Header values are visible ASCII (RFC 9110 section 5.5): what is not is written as in a URL, its UTF-8 in percents.
    private static string Plain(string value) => value.All(static c => c is >= ' ' and <= '~')
        ? value
        : string.Concat(value.EnumerateRunes().Select(static rune => rune.Value is >= ' ' and <= '~' ? rune.ToString() : Uri.EscapeDataString(rune.ToString())));
}
