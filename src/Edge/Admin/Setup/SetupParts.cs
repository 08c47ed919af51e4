using System.Collections.Immutable;

namespace Edge.Admin.Setup;

/// <summary>Everything that <c>edge resolver setup</c> knows to print, in the order in which people set up a house.</summary>
internal static class SetupParts
{
    /// <summary>The words that name a part.</summary>
    public static readonly ImmutableArray<string> Words = ["dnsmasq", "kea", "isc", "resolved", "android", "apple", "windows", "firefox", "chromium"];

    public static ImmutableArray<SetupPart> Of(ResolverFacts facts) =>
    [
        DhcpLines.Dnsmasq(facts),
        DhcpLines.Kea(facts),
        DhcpLines.Isc(facts),
        ClientLines.Resolved(facts),
        ClientLines.Android(facts),
        ClientLines.Apple(facts),
        ClientLines.Windows(facts),
        ClientLines.Firefox(facts),
        ClientLines.Chromium(facts),
    ];
}
