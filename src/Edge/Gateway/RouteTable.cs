using System.Collections.Immutable;
using System.Net;
using System.Runtime.InteropServices;
using Edge.Observability;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Edge.Gateway;

/// <summary>
/// The routes of one moment, immutable: an exact host by one lookup, else the longest wildcard, else the routes for any
/// host. A table that follows another shares with it every host that did not change. ASP.NET's own host matching takes
/// quadratic time to build and linear time per request, see docs/gateway.md.
/// </summary>
internal sealed class RouteTable
{
    public static readonly RouteTable Empty = new(HostMap.Empty, new BroaderRoutes(HostMap.Empty, new HostSlot(null, []), 0), 0);

    private readonly HostMap _exact;
    private readonly BroaderRoutes _broader;
    private RouteEntry[]? _ordered;
    // How many of its routes want a certificate of their clients: mostly none.
    private readonly int _asking;

    private RouteTable(HostMap exact, BroaderRoutes broader, int asking) => (_exact, _broader, _asking) = (exact, broader, asking);

    /// <summary>Every route, services first; put in order when first asked for, which no way of a change should do.</summary>
    public ImmutableArray<RouteEntry> Entries => ImmutableCollectionsMarshal.AsImmutableArray(_ordered ??=
    [
        .. _exact.Values.Concat(_broader.Wildcards.Values).Append(_broader.Any).SelectMany(slot => slot.Own.ToArray())
            .DistinctBy(candidate => candidate.Place).OrderBy(candidate => candidate.Place).Select(candidate => candidate.Entry),
    ]);

    /// <summary>The table that follows this one.</summary>
    /// <param name="gone">Routes of this table.</param>
    /// <param name="come">Routes that are in it from now on.</param>
    public RouteTable With(IReadOnlyCollection<RouteEntry> gone, IReadOnlyCollection<PlacedRoute> come)
    {
        if (gone.Count == 0 && come.Count == 0)
        {
            return this;
        }

        var (exact, wildcards, any) = (_exact.Edit(), _broader.Wildcards.Edit(), _broader.Any);
        var (without, isBroad) = (gone.ToHashSet(), false);
        var coming = come.SelectMany(route => route.Entry.Hosts, (route, host) => new RouteCandidate(route.Entry, host, route.Place)).ToLookup(candidate => candidate.Host with { Port = null });
        foreach (var host in coming.Select(one => one.Key).Concat(gone.SelectMany(entry => entry.Hosts).Select(host => host with { Port = null })).Distinct())
        {
            RouteCandidate[] own = [.. coming[host]];
            isBroad |= host.IsAny || host.IsWildcard;
            if (host.IsAny)
            {
                any = HostSlot.With(any, null, without, own) ?? new HostSlot(null, []);
            }
            else
            {
                var slots = host.IsWildcard ? wildcards : exact;
                slots.Set(host.Name, HostSlot.With(slots.Find(host.Name), host.Name, without, own));
            }
        }

        var broader = isBroad ? new BroaderRoutes(wildcards.ToMap(), any, _broader.Ahead - gone.Sum(Ahead) + come.Sum(static route => Ahead(route.Entry))) : _broader;
        return new RouteTable(exact.ToMap(), broader, _asking - gone.Count(static entry => entry.AsksForCertificate) + come.Count(static route => route.Entry.AsksForCertificate));
    }

    /// <summary>The route for a request.</summary>
    /// <param name="context">The request; its route values are set when the route has a path.</param>
    /// <param name="isLan">Whether the client is of the view "lan"; asked only where a route is for that view alone.</param>
    /// <param name="hostIsKnown">Some route is there for the host, as far as this client may know.</param>
    public RouteEntry? Find(HttpContext context, Func<HttpContext, bool> isLan, out bool hostIsKnown)
    {
        Span<char> buffer = stackalloc char[HostText.Longest];
        var slot = SlotOf(new HostKey(HostText.Normalise(HostText.Of(context.Request), buffer)), out var only, out _);
        if (only is not null)
        {
            hostIsKnown = true;
            return only;
        }

        hostIsKnown = false;
        bool? lan = null;
        var candidates = slot.Candidates(_broader);
        var standing = First(candidates, context, null, isLan, ref lan, ref hostIsKnown);
        if (PathReading.Of(context.Request.Path.Value ?? "", out var isAstray) is not { } readings)
        {
            return standing;
        }

        if (isAstray)
        {
            return Array.TrueForAll(candidates, static candidate => candidate.Entry.Matcher.IgnoresPath) ? standing : null;
        }

        var found = new (RouteEntry? Entry, RouteValueDictionary Values)[readings.Count + 1];
        found[^1] = (standing, context.Request.RouteValues);
        for (var i = 0; i < readings.Count; i++)
        {
            var entry = First(candidates, context, readings[i], isLan, ref lan, ref hostIsKnown);
            found[i] = (entry, context.Request.RouteValues);
        }

        var chosen = PathReading.Choose([.. found.Select(one => one.Entry)]);
        // The path as it stands says more than a reading of it.
        context.Request.RouteValues = Array.FindLast(found, one => one.Entry == chosen).Values ?? found[^1].Values;
        return chosen;
    }

    private static RouteEntry? First(RouteCandidate[] candidates, HttpContext context, string? read, Func<HttpContext, bool> isLan, ref bool? lan, ref bool hostIsKnown)
    {
        foreach (ref readonly var candidate in candidates.AsSpan())
        {
            if (candidate.Entry.Expose == Services.Exposure.Lan && !(lan ??= isLan(context)))
            {
                continue;
            }

            if (candidate.Host.Port is { } port && port != AskedPort(context.Request))
            {
                continue;
            }

            hostIsKnown = true;
            if (candidate.Entry.Matcher.Matches(context, read))
            {
                return candidate.Entry;
            }
        }

        return null;
    }

    /// <summary>Has the processor fetch what is read of a host that is asked for soon.</summary>
    public void Fetch(HostKey key) => _exact.Fetch(key);

    /// <summary>The route that all requests of a client for a host take; null where more than the host decides, or there is none.</summary>
    /// <param name="key">The host.</param>
    /// <param name="client">Who asks.</param>
    /// <param name="lan">Knows the clients of the view "lan".</param>
    /// <param name="isOnly">It is so for every client.</param>
    /// <param name="name">The host, where the table has it by its name.</param>
    public RouteEntry? FindByHost(HostKey key, IPAddress client, LanClients lan, out bool isOnly, out string? name)
    {
        var slot = SlotOf(key, out var only, out name);
        isOnly = only is not null;
        if (isOnly)
        {
            return only;
        }

        foreach (ref readonly var candidate in slot.Candidates(_broader).AsSpan())
        {
            if (candidate.Entry.Expose == Services.Exposure.Lan && !lan.Contains(client))
            {
                continue;
            }

            return candidate.Host.Port is null && candidate.Entry.Matcher.TakesEverything ? candidate.Entry : null;
        }

        return null;
    }

    /// <summary>The route that takes every request for a host, whatever it is and whoever asks; null where more has to be looked at.</summary>
    /// <param name="host">A host in the form of <see cref="HostText.Normalise"/>.</param>
    public RouteEntry? OnlyOf(ReadOnlySpan<char> host)
    {
        SlotOf(new HostKey(host), out var only, out _);
        return only;
    }

    /// <summary>Whether clients that connect for a host are asked for a certificate.</summary>
    /// <param name="host">A host name, in any case.</param>
    public bool AsksForCertificate(string host)
    {
        if (_asking == 0)
        {
            return false;
        }

        Span<char> buffer = stackalloc char[HostText.Longest];
        return Array.Exists(CandidatesOf(HostText.Normalise(host, buffer)), static candidate => candidate.Entry.AsksForCertificate);
    }

    /// <summary>The routes that ask for a host or a wildcard by its name, in no order.</summary>
    public ReadOnlySpan<RouteCandidate> OwnOf(HostPattern host) =>
        host.IsAny ? _broader.Any.Own : (host.IsWildcard ? _broader.Wildcards : _exact).Find(host.Name) is { } slot ? slot.Own : [];

    /// <summary>Whether some host is exactly one label below a name.</summary>
    /// <param name="parent">The name, in the form of the table.</param>
    public bool HasBelow(string parent) => _exact.Values.Any(slot => slot.Name is { } host && host.Length > parent.Length + 1
        && host.EndsWith(parent, StringComparison.Ordinal) && host.IndexOf('.') == host.Length - parent.Length - 1);

    /// <summary>The routes that requests for a host may take, in the order of trying.</summary>
    /// <param name="host">A host name, in any case, without a port.</param>
    public IReadOnlyList<RouteEntry> ForHost(string host)
    {
        Span<char> buffer = stackalloc char[HostText.Longest];
        return [.. CandidatesOf(HostText.Normalise(host, buffer)).Select(candidate => candidate.Entry)];
    }

    /// <summary>The route that a GET of a URL would take, for explanations.</summary>
    /// <param name="url">The URL.</param>
    /// <param name="client">Who asks.</param>
    /// <param name="isLan">Whether the client is of the view "lan".</param>
    public RouteEntry? Find(Uri url, IPAddress client, bool isLan) => Find(ContextOf(url, client), _ => isLan, out _);

    /// <summary>A GET of a URL as a client would ask for it.</summary>
    public static HttpContext ContextOf(Uri url, IPAddress client)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = client;
        context.Request.Method = HttpMethods.Get;
        context.Request.Scheme = url.Scheme;
        context.Request.Headers.Host = url.IsDefaultPort ? url.IdnHost : $"{url.IdnHost}:{url.Port}";
        context.Request.Path = PathString.FromUriComponent(url);
        context.Request.QueryString = QueryString.FromUriComponent(url);
        return context;
    }

    private RouteCandidate[] CandidatesOf(ReadOnlySpan<char> host) => SlotOf(host).Candidates(_broader);

    private HostSlot SlotOf(ReadOnlySpan<char> host) => _exact.Find(host) ?? _broader.Over(host);

    // With the route that takes every request for the host, null where there is more to look at; and the host, where the slot is of no other.
    private HostSlot SlotOf(HostKey key, out RouteEntry? only, out string? name)
    {
        ref readonly var cell = ref _exact.Find(key);
        var slot = cell.Slot ?? _broader.Over(key.Host);
        only = _broader.Ahead > 0 ? null : cell.IsFree ? slot.Only : cell.Only;
        name = cell.Name;
        return slot;
    }

    private static int Ahead(RouteEntry entry) => entry.Hosts.Count(host => new RouteCandidate(entry, host, default).GoesBeforeExact);

    private static int AskedPort(HttpRequest request) => HostText.Port(HostText.Of(request)) ?? (request.IsHttps ? 443 : 80);
}
