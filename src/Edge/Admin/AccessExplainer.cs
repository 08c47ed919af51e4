using System.Globalization;
using System.Net;
using Edge.Access;
using Edge.Services;

namespace Edge.Admin;

/// <summary>Says in words what a client has to be, or to show, before a service is for it.</summary>
internal sealed class AccessExplainer(AccessControl control, BanManager bans)
{
    /// <summary>What stands before a route, and of its <c>allow</c> whether this client is meant; empty where nothing does.</summary>
    /// <param name="access">What the service says.</param>
    /// <param name="from">The client.</param>
    /// <param name="cancel">Ends the look for the addresses of a host that is allowed.</param>
    public async Task<string[]> OfAsync(ServiceAccess? access, IPAddress from, CancellationToken cancel)
    {
        if (access is null)
        {
            return [];
        }

        var said = new List<string>();
        if (!access.Allow.IsEmpty)
        {
            var verdict = await control.AllowsAsync(access, from, cancel) ? $"{from} is among them" : $"{from} is not among them, and gets in nowhere here";
            said.Add($"allow {string.Join(", ", access.Allow.Select(allowed => allowed.Text))}: {verdict}");
        }

        if (access.Rate is { } rate)
        {
            said.Add($"rate {rate} for each client");
        }

        if (access.ClientCert is { } authorities)
        {
            said.Add($"client-cert {authorities}: a certificate has to be shown");
        }

        if (access.Auth != AuthKind.None)
        {
            said.Add($"auth {ServiceAccessReader.Word(access.Auth)}{Listed(", users ", access.Users)}{Listed(", groups ", access.Groups)}: a login is needed");
        }

        return [.. said];
    }

    /// <summary>That the client is banned; null when it is not.</summary>
    public string? Banned(IPAddress from)
    {
        if (!bans.Holds(from))
        {
            return null;
        }

        var around = bans.Around(new IPNetwork(from, from.GetAddressBytes().Length * 8));
        return $"{from} is banned{(around is [.., var last] ? string.Create(CultureInfo.InvariantCulture, $" until {last.Until:yyyy-MM-dd HH:mm'Z'} ({last.Reason})") : "")}: gateway and DNS refuse it, whatever is said above; edge bans remove {from}";
    }

    private static string Listed(string before, IEnumerable<string> names) => names.Any() ? before + string.Join(", ", names) : "";
}
