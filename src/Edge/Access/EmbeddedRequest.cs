using System.Text;
using Microsoft.AspNetCore.Http;

namespace Edge.Access;

/// <summary>
/// Requests that a page of another site has its visitor's browser make: pictures, frames, scripts, and windows that it opens, which
/// say nothing of the visitor, whom any page could get banned otherwise. Browsers say so themselves (Fetch Metadata Request Headers,
/// section 2.3), and no page can make them say it otherwise; programs can, so that such requests are not free either. A link that
/// somebody followed is one of them too: a page opens any window at a click that was for something else.
/// </summary>
internal static class EmbeddedRequest
{
    /// <summary>So many of them are as much as one that was made on purpose.</summary>
    public const int CountsFor = 10;

    private const string Site = "cross-site";

    public static bool Is(IHeaderDictionary headers) => headers["Sec-Fetch-Site"] is [{ } site] && site.Equals(Site, StringComparison.OrdinalIgnoreCase);

    /// <summary>The same of the header's value; empty when it is not there.</summary>
    public static bool Is(ReadOnlySpan<byte> site) => site.Length == Site.Length && Ascii.EqualsIgnoreCase(site, Site);
}
