using System.Text;
using Microsoft.AspNetCore.Http;

namespace Edge.Access;

/// <summary>
/// Requests that a page of another site has its visitor's browser make: pictures, frames, scripts. They say nothing of the
/// visitor, whom any page could get banned otherwise. Browsers say so themselves (Fetch Metadata Request Headers, sections 2.1
/// and 2.3), and no page can make them say it otherwise; programs can, so that such requests are not free either.
/// </summary>
internal static class EmbeddedRequest
{
    /// <summary>So many of them are as much as one that was made on purpose.</summary>
    public const int CountsFor = 10;

    private const string Site = "cross-site";
    private const string Page = "document";

    public static bool Is(IHeaderDictionary headers) =>
        headers["Sec-Fetch-Site"] is [{ } site] && site.Equals(Site, StringComparison.OrdinalIgnoreCase) && !headers["Sec-Fetch-Dest"].ToString().Equals(Page, StringComparison.OrdinalIgnoreCase);

    /// <summary>The same of the headers' values; empty for one that is not there.</summary>
    public static bool Is(ReadOnlySpan<byte> site, ReadOnlySpan<byte> destination) =>
        site.Length == Site.Length && Ascii.EqualsIgnoreCase(site, Site) && !Ascii.EqualsIgnoreCase(destination, Page);
}
