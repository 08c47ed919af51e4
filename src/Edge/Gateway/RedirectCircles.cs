using System.Net;
using Edge.Settings;

namespace Edge.Gateway;

/// <summary>
/// Redirects that lead to themselves, at once or by way of others, so that browsers give up: followed in the table as a browser would,
/// from the hosts that a change touches, and where one was found before. Where a redirect takes paths by an expression nothing is known of them.
/// </summary>
internal sealed class RedirectCircles(GatewayOptions options)
{
    // As many as tell a circle from a way with a few steps.
    private const int Steps = 8;

    private readonly Dictionary<HostPattern, HashSet<RouteEntry>> _byHost = [];
    private readonly Dictionary<RouteEntry, Problem> _found = new(ReferenceEqualityComparer.Instance);

    public IEnumerable<Problem> Problems => _found.Values.OrderBy(problem => problem.ToString(), StringComparer.Ordinal);

    /// <summary>Takes a change of the table.</summary>
    public void Look(RouteTable table, RouteChanges changes)
    {
        foreach (var entry in changes.Gone.Where(entry => entry.Redirection is not null))
        {
            _found.Remove(entry);
            foreach (var host in Plain(entry))
            {
                _byHost.GetValueOrDefault(host)?.Remove(entry);
            }
        }

        foreach (var entry in changes.Come.Select(route => route.Entry).Where(entry => entry.Redirection is not null))
        {
            foreach (var host in Plain(entry))
            {
                (_byHost.TryGetValue(host, out var all) ? all : _byHost[host] = []).Add(entry);
            }
        }

        if (_byHost.Count > 0)
        {
            Follow(table, [.. changes.Gone.Concat(changes.Come.Select(route => route.Entry)).SelectMany(Plain).Distinct()]);
        }
    }

    private void Follow(RouteTable table, HostPattern[] changed)
    {
        // What a wildcard says may count for any host.
        var touched = Array.Exists(changed, host => host.IsAny || host.IsWildcard) ? _byHost.Values : changed.Select(host => _byHost.GetValueOrDefault(host)).OfType<HashSet<RouteEntry>>();
        foreach (var entry in touched.SelectMany(all => all).Concat(_found.Keys).Distinct().ToList())
        {
            _found.Remove(entry);
            if (Circle(table, entry) is { } problem)
            {
                _found.Add(entry, problem);
            }
        }
    }

    private static IEnumerable<HostPattern> Plain(RouteEntry entry) => entry.Hosts.Select(host => host with { Port = null });

    private Problem? Circle(RouteTable table, RouteEntry entry)
    {
        foreach (var (host, path) in from host in entry.Hosts from path in entry.Matcher.SamplePaths select (host, path))
        {
            var name = host.IsWildcard ? $"x.{host.Name}" : host.Name;
            if (Uri.TryCreate($"{(options.Https.IsEmpty ? "http" : "https")}://{name}:{PublicPort}{path}", UriKind.Absolute, out var start) && First(table, start, entry) is { } first)
            {
                return new Problem(
                    entry.Where, 0, $"services.{entry.Id["service:".Length..]}.redirect", $"sends {start} to {first}, from where it goes on and on in a circle", "name another host, or a path that no redirect takes");
            }
        }

        return null;
    }

    // Where a way that never ends leads first; null for one that does.
    private Uri? First(RouteTable table, Uri start, RouteEntry entry)
    {
        Uri? first = null;
        var at = start;
        for (var step = 0; step < Steps; step++)
        {
            var asked = RouteTable.ContextOf(at, IPAddress.Loopback);
            var takes = table.Find(asked, static _ => true, out _);
            if (takes?.Redirection is not { } redirection || (step == 0 && takes != entry) || Here(redirection.Target(asked.Request)) is not { } next)
            {
                return null;
            }

            first ??= next;
            at = next;
        }

        return first;
    }

    private int PublicPort => options.HttpsPort ?? options.Https.Concat(options.Http).Select(endPoint => endPoint.Port).FirstOrDefault(443);

    // Plain HTTP leads to HTTPS, where there is any. Null for what is not at this gateway, as far as its port shows it.
    private Uri? Here(string target)
    {
        if (!Uri.TryCreate(target, UriKind.Absolute, out var uri))
        {
            return null;
        }

        if (uri.Scheme == Uri.UriSchemeHttp && options.Http.Any(endPoint => endPoint.Port == uri.Port))
        {
            return options.Https.IsEmpty ? uri : new UriBuilder(uri) { Scheme = Uri.UriSchemeHttps, Port = PublicPort }.Uri;
        }

        return uri.Scheme == Uri.UriSchemeHttps && (uri.Port == PublicPort || options.Https.Any(endPoint => endPoint.Port == uri.Port)) ? uri : null;
    }
}
