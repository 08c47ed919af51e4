using System.Collections.Immutable;
using System.Net;
using Edge.Admin.Reports;
using Edge.Certificates;
using Edge.Dns.Nameserver;
using Edge.Dns.Resolver;
using Edge.Dns.Update;
using Edge.Dns.Views;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Gateway;
using Edge.Names;
using Edge.Names.Leases;
using Edge.Names.Multicast;
using Edge.Services;
using Edge.Streams;

namespace Edge.Admin;

/// <summary>Says what one client gets for one name, and where each piece came from: the question behind most others.</summary>
internal sealed class Explainer(
    ZoneManager zones,
    Func<UnavailableZones> unavailable,
    ViewManager views,
    UpdateManager updates,
    LeaseNames leases,
    MulticastHosts hosts,
    FilterExplainer filter,
    ResolverExplainer resolver,
    ServiceCatalog catalog,
    CertificateSelector certificates,
    RouteTableManager routes,
    StreamManager streams,
    AccessExplainer access)
{
    private const int LongestChain = 8;

    private static readonly TimeSpan ProbePatience = TimeSpan.FromSeconds(2);

    private static readonly RecordType[] AlwaysShown = [RecordType.A, RecordType.AAAA, RecordType.HTTPS];

    /// <param name="name">The name, absolute.</param>
    /// <param name="url">What is asked for at the name; null when only the name is asked about.</param>
    /// <param name="from">The client.</param>
    /// <param name="cancel">Ends the look at the destinations.</param>
    public async Task<Explanation> ExplainAsync(Name name, Uri? url, IPAddress from, CancellationToken cancel)
    {
        // 1. The view: by the client's address alone.
        var match = views.Current.Explain(from);
        var view = zones.Current.IndexOf(match.View.Name);

        // 2. The records, alias by alias.
        var zone = view < 0 ? null : zones.Current.Find(view, name.Wire);
        var missing = zone is null ? unavailable().FindZone(match.View.Name, name.Wire) : null;
        var answers = zone is null ? Unanswered(missing) : Answers(view, name);
        var filtered = zone is null && missing is null && match.View.Recursion ? await FilteredAsync(name, from, cancel) : null;

        var isOurs = zone is not null || missing is not null || filtered?.State is "blocked" or "answered";

        // 3. The service, its certificate and its route.
        var host = name.ToHostString().ToLowerInvariant();
        var service = catalog.Current.Covering(host);
        return new Explanation(
            host,
            from.ToString(),
            new ExplainedView(match.View.Name, match.Network is { } network ? $"{from} is in {network} ({match.Source})" : match.Source),
            (zone?.Origin ?? missing?.Origin)?.ToHostString(),
            filtered,
            answers,
            service is null ? null : $"{service.Name} ({service.Where})",
            Certificate(host),
            await RoutesAsync(host, url, from, match.View, cancel),
            [.. access.Banned(from) is { } banned ? [banned] : Array.Empty<string>(), .. Notes(match.View, isOurs, service), .. routes.OvershadowedAt(host).Select(problem => problem.ToString()), .. isOurs || !match.View.Recursion ? [] : await resolver.ExplainAsync(name, cancel), .. Losers(host), .. TakenAway(name, match.View), .. OfLeases(name, match.View), .. OfHosts(name, match.View)]);
    }

    // What this server answers by itself is never blocked, but the settings may have an answer of their own.
    private async Task<ExplainedFilter?> FilteredAsync(Name name, IPAddress from, CancellationToken cancel) =>
        SpecialNames.Find(name.Wire) is null || filter.HasAnswer(name) ? await filter.ExplainAsync(name, from, cancel) : null;

    private static ImmutableArray<ExplainedAnswer> Unanswered(UnavailableZone? zone) => zone is null ? [] :
    [
        new ExplainedAnswer("any type", $"SERVFAIL: {zone.Origin} is a secondary zone that "
            + (zone.Reason == ExtendedErrorCode.NotReady ? "was never fetched from a primary yet" : "has expired: no primary was heard of for too long")
            + "; the log says why", []),
    ];

    private ImmutableArray<ExplainedAnswer> Answers(int view, Name name)
    {
        var answers = ImmutableArray.CreateBuilder<ExplainedAnswer>();
        for (var hop = 0; hop < LongestChain; hop++)
        {
            if (zones.Current.Find(view, name.Wire) is not { } zone)
            {
                var missing = Unanswered(unavailable().FindZone(zones.Current.Views[view], name.Wire));
                answers.AddRange(missing.IsEmpty ? [new ExplainedAnswer("alias", $"leads to {name}, which is in no zone of ours", [])] : missing);
                break;
            }

            var first = zone.Explain(name, RecordType.A);
            if (first.Kind is LookupKind.NxDomain or LookupKind.Delegation)
            {
                answers.Add(Answer("any type", name, first));
                break;
            }

            if (first.Kind is LookupKind.Cname or LookupKind.Dname)
            {
                answers.Add(Answer("alias", name, first));
                if (first.Kind == LookupKind.Dname || first.RRsets.IsEmpty)
                {
                    break;
                }

                name = Name.FromWire(first.RRsets[0].Data[0].Wire);
                continue;
            }

            answers.AddRange(TypesAt(zone, first.Owner).Select(type => Answer(RecordText.FormatType(type), name, zone.Explain(name, type))));
            break;
        }

        return answers.ToImmutable();
    }

    private static IEnumerable<RecordType> TypesAt(Zone zone, Name owner) =>
        AlwaysShown.Concat(zone.RRsets.Where(set => set.Owner == owner).Select(set => set.Type).Order()).Distinct();

    private ExplainedAnswer Answer(string type, Name name, ZoneExplanation explanation) => new(
        type,
        Found(name, explanation),
        [.. explanation.RRsets.SelectMany(set => set.Records).Select(record => new ExplainedRecord(RecordText.Format(record), Source(record)))]);

    private string Source(ResourceRecord record) => leases.PlaceOf(record) ?? (record.Source.ToString() is { Length: > 0 } source ? source : "Edge itself");

    private static string Found(Name name, ZoneExplanation explanation) => explanation.Kind switch
    {
        LookupKind.NxDomain => $"{name} does not exist; the closest name that does is {explanation.Owner}",
        LookupKind.NoData => "no record of this type" + (explanation.FromWildcard ? $" at the wildcard {explanation.Owner}" : ""),
        LookupKind.Unresolved => $"what the ALIAS of {explanation.Owner} leads to is not known now: the answer is SERVFAIL",
        LookupKind.Delegation => $"{explanation.Owner} is delegated to other servers",
        _ => explanation.FromWildcard ? $"{name} by the wildcard {explanation.Owner}" : $"{explanation.Owner}",
    };

    private ExplainedCertificate? Certificate(string host) => certificates.Select(host) is { } served
        ? new ExplainedCertificate(served.Names, served.Issuer, served.NotAfter, certificates.Current.Find(host) is null ? "not valid for this name: browsers will warn" : "valid for this name")
        : null;

    private async Task<ImmutableArray<ExplainedRoute>> RoutesAsync(string host, Uri? url, IPAddress from, View view, CancellationToken cancel)
    {
        var explained = ImmutableArray.CreateBuilder<ExplainedRoute>();
        var isLan = view.Name == ViewOptions.Lan;
        var table = routes.Current;
        var taken = url is null ? null : table.Find(url, from, isLan);
        foreach (var (entry, route) in table.ForHost(host).Select(entry => (entry, RouteReport.Of(entry))).Where(pair => pair.Item2.Expose == Exposure.Everywhere || isLan))
        {
            var destinations = await Task.WhenAll(route.Destinations.Select(destination => DestinationAsync(destination, cancel)));
            explained.Add(new ExplainedRoute(route.Id, route.Where, route.Path, [.. destinations], route.Refused?.Message, await AccessAsync(entry.Access, from, cancel), url is null ? null : ReferenceEquals(entry, taken)));
        }

        if (streams.Find(host) is { } stream && (!stream.IsForLan || view.Name == ViewOptions.Lan))
        {
            var destinations = stream.Stream.Protocol == StreamProtocol.Udp ? [.. stream.Stream.To.Select(to => new ExplainedDestination(to.OriginalString, "is not asked: of UDP nobody can tell"))]
                : await Task.WhenAll(stream.Stream.To.Select(to => DestinationAsync(new DestinationReport(to.OriginalString, "unknown", InUse: true, InFlight: 0), cancel)));
            explained.Add(new ExplainedRoute($"service:{stream.Name}", stream.Service.Where, Ports(stream.Stream), [.. destinations], null, await AccessAsync(stream.Service.Access, from, cancel)));
        }

        return explained.ToImmutable();
    }

    private async Task<ImmutableArray<string>?> AccessAsync(ServiceAccess? wanted, IPAddress from, CancellationToken cancel) =>
        await access.OfAsync(wanted, from, cancel) is { Length: > 0 } said ? [.. said] : null;

    private static string Ports(ServiceStream stream) =>
        stream.Listen.IsEmpty ? "TLS, passed through by its server name" : $"{stream.Protocol.ToString().ToLowerInvariant()} at {string.Join(", ", stream.Listen)}";

    // Asked anew: what is known from requests may be old, or nothing.
    private static async Task<ExplainedDestination> DestinationAsync(DestinationReport destination, CancellationToken cancel)
    {
        var wrong = await DestinationProbe.ConnectAsync(new Uri(destination.Address), ProbePatience, cancel);
        return new ExplainedDestination(destination.Address, wrong is null ? "answers" : $"does not answer: {wrong}");
    }

    // Who would have the name if nobody stronger had it; and of the one who has it, where its destinations come from.
    private IEnumerable<string> Losers(string host) =>
    [
        .. catalog.Current.AllByHost(host).Select(service => service.Remark is { } remark ? $"{service.Name}: {remark}" : null).OfType<string>(),
        .. catalog.Current.Conflicts.Where(conflict => conflict.Lost.Hosts.Contains(host) && (conflict.What == conflict.Lost.Name || conflict.What == HostClaims.Of(conflict.Lost, host)))
            .Select(conflict => $"service {conflict.Lost.Name} ({conflict.Lost.Where}) wants it too and does not get it: {conflict.Told}"),
    ];

    // What an update added says so itself; what it took away is nowhere else to be seen.
    private IEnumerable<string> TakenAway(Name name, View view) =>
        updates.Changes.Where(change => change.Data.IsEmpty && change.Owner == name && (change.View is null || change.View == view.Name))
            .Select(change => $"{change.Owner} {RecordText.FormatType(change.Type)} was taken away: {change.Source}");

    private IEnumerable<string> OfHosts(Name name, View view) => view.Name == ViewOptions.Lan && hosts.Explain(name) is { } why ? [why] : [];

    private IEnumerable<string> OfLeases(Name name, View view) => view.Name != ViewOptions.Lan ? [] :
        [.. RefusedLease(name), .. leases.Explain(name).Where(one => one.Standing != LeaseStanding.Holder).Select(one =>
            $"the client at {one.Lease.Address} ({one.Lease.File}:{one.Lease.Line}) calls itself {one.Owner} and does not get the name: "
            + (one.Standing == LeaseStanding.Later ? "the lease of another device is older" : "it is declared otherwise"))];

    private IEnumerable<string> RefusedLease(Name name) => leases.ExplainRefused(name) is { } refused
        ? [$"the client at {refused.Lease.Address} ({refused.Lease.File}:{refused.Lease.Line}) calls itself {LeaseText.Shown(refused.Lease.HostName)} and does not get the name: it {refused.Reason}"]
        : [];

    private static IEnumerable<string> Notes(View view, bool isOurs, Service? service)
    {
        if (!isOurs && !view.Recursion)
        {
            yield return "the name is in no zone of ours, and this client may not ask for others: the answer is REFUSED";
        }

        if (service?.Expose == Exposure.Lan && view.Name != ViewOptions.Lan)
        {
            yield return $"the service {service.Name} is for the LAN only: for this client the gateway answers 404";
        }
    }
}
