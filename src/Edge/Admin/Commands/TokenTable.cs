using System.Globalization;
using Edge.Admin.Reports;
using Edge.Settings;

namespace Edge.Admin.Commands;

/// <summary>The tokens as <c>edge token list</c> shows them.</summary>
internal static class TokenTable
{
    public static readonly string[] Heads = ["NAME", "HOSTS", "SERVICES", "PORTS", "EXPOSE", "TSIG", "LEASE", "CREATED", "EXPIRES"];

    /// <summary>The line of a token.</summary>
    public static IReadOnlyList<string> Line(TokenReport token) =>
    [
        token.Name,
        token.Admin ? "everything" : string.Join(", ", token.Hosts),
        string.Join(", ", token.Services),
        token.Admin ? "all" : token.Ports.IsDefaultOrEmpty ? "-" : string.Join(", ", token.Ports),
        token.Expose,
        token.Tsig ? "yes" : "-",
        token.LeaseSeconds is { } lease ? DurationText.Format(TimeSpan.FromSeconds(lease)) : "-",
        Text(token.Created),
        token.Revoked is not null ? "revoked" : token.Expires is { } end ? Text(end) : "-",
    ];

    private static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
}
