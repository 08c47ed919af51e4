using System.Net;
using Edge.Dns.Wire;

namespace Edge.AcmeServer;

/// <summary>
/// Which names may be had at all; that a device holds one it proves by its challenge. Names in our own zones and names that exist
/// at home only may, names of this box and of its services may not: whoever had a certificate for them could stand in its place.
/// </summary>
internal sealed class NameRules(AcmeServerSetup setup)
{
    private const int LongestName = 253;

    // RFC 6762 §3, RFC 8375, ICANN's reservation of .internal, and what routers have handed out for ages.
    private static readonly Name[] Homes = [Name.Parse("local"), Name.Parse("home.arpa"), Name.Parse("internal"), Name.Parse("lan")];

    /// <summary>Why a name cannot be had; null when it can.</summary>
    /// <param name="asked">As in the order, a wildcard with its asterisk.</param>
    public string? Why(string asked)
    {
        var text = asked.StartsWith("*.", StringComparison.Ordinal) ? asked[2..] : asked;
        if (IPAddress.TryParse(text, out _))
        {
            return "is an address and no name: it is ordered as an identifier of the type ip (RFC 8738)";
        }

        if (asked.Length > LongestName || !IsHostName(text) || !Name.TryParse(text, Name.Root, out var name, out _))
        {
            return "is not a host name in lower case";
        }

        var (node, isWildcard) = (Name.Parse(setup.Node), asked != text);
        if (name.IsAtOrBelow(node) || setup.IsServed(text) || (isWildcard && (node.IsAtOrBelow(name) || setup.IsServed("x." + text) || setup.ServesBelow(text))))
        {
            return "is a name of this box or of its services, which has a certificate";
        }

        if (name.LabelCount > 1 && (setup.IsOurs(name) || Homes.Any(name.IsAtOrBelow) || setup.Options.Names.Any(name.IsAtOrBelow)))
        {
            return null;
        }

        return "lies neither in a zone of this Edge nor in .local, .home.arpa, .internal or .lan; acme-server.names in edge.yaml allows others";
    }

    private static bool IsHostName(string text) => text.Length > 0 && text.Split('.').All(label =>
        label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-' && label.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'));
}
