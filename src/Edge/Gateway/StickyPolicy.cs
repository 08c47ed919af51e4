using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;
using Yarp.ReverseProxy.SessionAffinity;

namespace Edge.Gateway;

/// <summary>
/// Keeps a client at its destination by a cookie that holds a hash of the destination's address. YARP's own policy sets it only
/// where none was good: a client whose request was sent to another destination after all would be told nothing, and go anywhere next.
/// </summary>
internal sealed class StickyPolicy : ISessionAffinityPolicy
{
    public const string PolicyName = "Sticky";

    public string Name => PolicyName;

    public AffinityResult FindAffinitizedDestinations(HttpContext context, ClusterState cluster, SessionAffinityConfig config, IReadOnlyList<DestinationState> destinations)
    {
        if (context.Request.Cookies[config.AffinityKeyName] is not { } key)
        {
            return new AffinityResult(null, AffinityStatus.AffinityKeyNotSet);
        }

        foreach (var destination in destinations)
        {
            if (KeyOf(destination) == key)
            {
                return new AffinityResult([destination], AffinityStatus.OK);
            }
        }

        return new AffinityResult(null, AffinityStatus.DestinationNotFound);
    }

    public void AffinitizeResponse(HttpContext context, ClusterState cluster, SessionAffinityConfig config, DestinationState destination)
    {
        var key = KeyOf(destination);
        if (context.Request.Cookies[config.AffinityKeyName] != key)
        {
            context.Response.Cookies.Append(config.AffinityKeyName, key, new CookieOptions { Path = "/", HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = context.Request.IsHttps });
        }
    }

    /// <summary>A name for the cookie where nobody has given one.</summary>
    /// <param name="owner">Who has said where requests go: routes that share that share the cookie, and others do not.</param>
    public static string CookieOf(string owner) => $"edge-sticky-{(uint)Hash(owner):x8}";

    private static string KeyOf(DestinationState destination) => Hash(destination.DestinationId).ToString("x16", CultureInfo.InvariantCulture);

    private static ulong Hash(string text) => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(text.AsSpan()));
}
