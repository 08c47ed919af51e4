using System.Collections.Frozen;

namespace Edge.Gateway;

/// <summary>
/// Methods of which a request may be sent twice (RFC 9110 section 9.2.2), by the registry of section 16.1.1: its own, and those of
/// WebDAV and its relatives (RFC 3253, 3744, 4791, 4918, 5323) that clients use.
/// </summary>
internal static class IdempotentMethods
{
    private static readonly FrozenSet<string> All = FrozenSet.Create(
        StringComparer.Ordinal,
        "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "ACL", "COPY", "MKCALENDAR", "MKCOL", "MOVE", "PROPFIND", "PROPPATCH", "REPORT", "SEARCH", "UNLOCK");

    /// <param name="method">As it was sent: methods are case-sensitive (section 9.1).</param>
    public static bool Has(string method) => All.Contains(method);
}
