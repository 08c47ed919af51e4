using System.Collections.Immutable;
using System.Net;
using Microsoft.AspNetCore.Http;

namespace Edge.Gateway;

/// <summary>
/// The routes of one moment, immutable: an exact host by one dictionary lookup, else the longest wildcard, else the
/// routes for any host. ASP.NET's own host matching takes quadratic time to build and linear time per request, see
/// docs/gateway.md.
/// </summary>
internal sealed class RouteTable
{
    public static readonly RouteTable Empty = new([]);

    private readonly Dictionary<string, HostSlot> _exact = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HostSlot> _wildcards = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HostSlot>.AlternateLookup<ReadOnlySpan<char>> _exactBySpan;
    private readonly Dictionary<string, HostSlot>.AlternateLookup<ReadOnlySpan<char>> _wildcardsBySpan;
    private readonly HostSlot _any = new();
    private readonly bool _asks;

    public RouteTable(ImmutableArray<RouteEntry> entries)
    {
        Entries = entries;
        _asks = entries.Any(static entry => entry.AsksForCertificate);
        _exactBySpan = _exact.GetAlternateLookup<ReadOnlySpan<char>>();
        _wildcardsBySpan = _wildcards.GetAlternateLookup<ReadOnlySpan<char>>();
        _exact.EnsureCapacity(entries.Length);
        for (var i = 0; i < entries.Length; i++)
        {
            foreach (var host in entries[i].Hosts)
            {
                SlotFor(host).Add(new RouteCandidate(entries[i], host, i));
            }
        }
    }

    /// <summary>Every route, services first.</summary>
    public ImmutableArray<RouteEntry> Entries { get; }

    /// <summary>The route for a request.</summary>
    /// <param name="context">The request; its route values are set when the route has a path.</param>
    /// <param name="isLan">Whether the client is of the view "lan"; asked only where a route is for that view alone.</param>
    /// <param name="hostIsKnown">Some route is there for the host, as far as this client may know.</param>
    public RouteEntry? Find(HttpContext context, Func<HttpContext, bool> isLan, out bool hostIsKnown)
    {
        hostIsKnown = false;
        bool? lan = null;
        Span<char> buffer = stackalloc char[HostText.Longest];
        foreach (ref readonly var candidate in CandidatesOf(HostText.Normalise(HostText.Of(context.Request), buffer)).AsSpan())
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
            if (candidate.Entry.Matcher.Matches(context))
            {
                return candidate.Entry;
            }
        }

        return null;
    }

    /// <summary>Whether clients that connect for a host are asked for a certificate.</summary>
    /// <param name="host">A host name, in any case.</param>
    public bool AsksForCertificate(string host)
    {
        if (!_asks)
        {
            return false;
        }

        Span<char> buffer = stackalloc char[HostText.Longest];
        return Array.Exists(CandidatesOf(HostText.Normalise(host, buffer)), static candidate => candidate.Entry.AsksForCertificate);
    }

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
    public RouteEntry? Find(Uri url, IPAddress client, bool isLan)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = client;
        context.Request.Method = HttpMethods.Get;
        context.Request.Scheme = url.Scheme;
        context.Request.Headers.Host = url.IsDefaultPort ? url.IdnHost : $"{url.IdnHost}:{url.Port}";
        context.Request.Path = PathString.FromUriComponent(url);
        context.Request.QueryString = QueryString.FromUriComponent(url);
        return Find(context, _ => isLan, out _);
    }

    internal RouteCandidate[] CandidatesOf(HostSlot slot) => slot.Candidates(slot.Name is null ? null : WildcardOver(slot.Name) ?? _any, this);

    private RouteCandidate[] CandidatesOf(ReadOnlySpan<char> host) =>
        CandidatesOf(_exactBySpan.TryGetValue(host, out var slot) ? slot : WildcardOver(host) ?? _any);

    // "a.b.example" is under "*.b.example", then "*.example"; a wildcard never matches its own name.
    private HostSlot? WildcardOver(ReadOnlySpan<char> host)
    {
        if (_wildcards.Count == 0)
        {
            return null;
        }

        for (var dot = host.IndexOf('.'); dot >= 0; dot = host.IndexOf('.'))
        {
            host = host[(dot + 1)..];
            if (_wildcardsBySpan.TryGetValue(host, out var slot))
            {
                return slot;
            }
        }

        return null;
    }

    private static int AskedPort(HttpRequest request) => HostText.Port(HostText.Of(request)) ?? (request.IsHttps ? 443 : 80);

    private HostSlot SlotFor(HostPattern host)
    {
        if (host.IsAny)
        {
            return _any;
        }

        var slots = host.IsWildcard ? _wildcards : _exact;
        if (!slots.TryGetValue(host.Name, out var slot))
        {
            slots.Add(host.Name, slot = new HostSlot { Name = host.Name });
        }

        return slot;
    }
}
