using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Edge.Dns.Wire;

namespace Edge.Names.Leases;

/// <summary>
/// Makes a label of what a client calls itself, or refuses it: anybody who joins the network may say anything.
/// </summary>
internal static class LeaseHostName
{
    // Names that machines look up by themselves to find a proxy, a tunnel or a mail server: whoever held one would be
    // given everybody's traffic or passwords. "localhost" means this machine (RFC 6761 §6.3).
    private static readonly FrozenSet<string> Reserved = FrozenSet.ToFrozenSet(["wpad", "isatap", "autodiscover", "autoconfig", "localhost"], StringComparer.Ordinal);

    /// <param name="text">What the client calls itself; a whole name where the server wrote one.</param>
    /// <param name="domain">The domain that the label is for.</param>
    /// <param name="label">The label, lower case; null when refused.</param>
    /// <param name="reason">Why it is refused; null also when the client has no name.</param>
    public static bool TryClean(string text, Name domain, [NotNullWhen(true)] out string? label, out string? reason)
    {
        (label, reason) = (null, null);
        var name = text.Trim(' ', '\0').TrimEnd('.').ToLowerInvariant();
        var suffix = "." + domain.ToHostString().ToLowerInvariant();
        if (name.EndsWith(suffix, StringComparison.Ordinal))
        {
            name = name[..^suffix.Length];
        }

        if (name is "" or "*")
        {
            return false;
        }

        // Phones and laptops are called "Anna's laptop": what people write between words becomes a hyphen, apostrophes go.
        name = name.Replace(' ', '-').Replace('_', '-').Replace("'", "").Replace("’", "").Trim('-');
        reason = Refusal(name);
        label = reason is null ? name : null;
        return label is not null;
    }

    private static string? Refusal(string name)
    {
        if (name.Contains('.'))
        {
            return "has dots: it is a name in another domain";
        }

        // RFC 1035 §2.3.1 as RFC 1123 §2.1 relaxed it.
        if (name.Length == 0 || name.Any(c => !(char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')))
        {
            return "has other characters than letters, digits and hyphens";
        }

        return name.Length > Name.MaxLabelLength ? $"is longer than {Name.MaxLabelLength} characters"
            : Reserved.Contains(name) ? "is a name that other machines look up by themselves to be configured" : null;
    }
}
