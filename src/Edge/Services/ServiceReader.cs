using System.Collections.Immutable;
using Edge.Services.Routing;
using Edge.Settings;

namespace Edge.Services;

/// <summary>
/// Reads a service from the nodes of a file or a request body: one schema, whatever says it. Every field is looked
/// at, so that all that is wrong is told at once.
/// </summary>
/// <param name="domain">The domain of this box; null when none is set, and then every service must name its host.</param>
/// <param name="node">The name of this box in the domain; null for services directly below it.</param>
internal sealed class ServiceReader(string? domain, string? node)
{
    private const int MostHosts = 100;

    public static readonly TimeSpan DefaultTimeToLive = TimeSpan.FromSeconds(60);
    public static readonly TimeSpan LeastTimeToLive = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan MostTimeToLive = TimeSpan.FromHours(24);

    /// <summary>The service; null when anything about it is wrong, with everything in <paramref name="problems"/>.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="at">What says it; a mapping.</param>
    /// <param name="by">Who says it.</param>
    /// <param name="problems">Receives what is wrong.</param>
    public Service? Read(string name, Node at, Declarer by, ProblemList problems) => Read(name, at, by, leased: false, problems)?.Service;

    /// <summary>The same for a registration, whose body may repeat the name and say a time to live.</summary>
    public ServiceDeclaration? ReadLeased(string name, Node at, Declarer by, ProblemList problems) => Read(name, at, by, leased: true, problems);

    /// <summary>
    /// The hosts that are host names, each with the field that names it, whatever else is wrong: so that what is wrong
    /// with a host for other reasons can be told in the same answer.
    /// </summary>
    public IReadOnlyList<(string Field, string Host)> HostsOf(string name, Node at)
    {
        if (at is not MapNode map)
        {
            return [];
        }

        var items = new MapReader(map, new ProblemList()).Items("host");
        if (items.Count == 0)
        {
            return DefaultHost(name) is { } host ? [("host", host)] : [];
        }

        return [.. items.OfType<ScalarNode>()
            .Select(item => (item.Path, Host: HostName.Read(item.Value ?? "", out _, out _)))
            .Where(pair => pair.Host is not null).Select(pair => (pair.Path, pair.Host!))];
    }

    /// <summary>The destinations that are URLs, each with the node that names it, whatever else is wrong.</summary>
    public static IReadOnlyList<(Node At, Uri To)> DestinationsOf(Node at)
    {
        if (at is not MapNode map)
        {
            return [];
        }

        var reader = new MapReader(map, new ProblemList());
        var routes = reader.Items("routes").OfType<MapNode>().Select(route => new MapReader(route, new ProblemList()));
        return [.. routes.Prepend(reader).SelectMany(DestinationReader.Sound)];
    }

    private ServiceDeclaration? Read(string name, Node at, Declarer by, bool leased, ProblemList problems)
    {
        var before = problems.All.Count;
        if (at is not MapNode map)
        {
            problems.Add(at, $"is {at.Kind}; a mapping with host and to is needed here");
            return null;
        }

        var reader = new MapReader(map = AnnouncedReader.Lead(map), problems);
        if (!HostName.IsLabel(name))
        {
            problems.Add(new Problem(map.File, map.Line, leased ? "name" : map.Path, $"\"{name}\" is not a name for a service", "one label of letters, digits and hyphens, 63 at most, neither beginning nor ending with a hyphen"));
        }

        name = name.ToLowerInvariant();
        var hosts = Hosts(reader, name);
        var isStream = ServiceStreamReader.Takes(reader);
        var stream = isStream ? ServiceStreamReader.Read(reader, by) : null;
        var (to, routing) = isStream ? (ImmutableArray<Uri>.Empty, null) : RoutingReader.Read(reader, hosts, by.Where, by.MayNameFiles);
        var announced = AnnouncedReader.Read(reader, by);
        var expose = reader.Word("expose", "lan", "everywhere");
        var access = ServiceAccessReader.Read(reader, by.MayNameFiles);
        if (isStream && access is { IsOfAddressesOnly: false })
        {
            // The gateway asks such things of requests, and there are none here: it would look guarded and be open.
            problems.Add(map, "says who may use it by what only a request has, which is for http:// and https:// only", "say allow, or expose: lan, or guard it at its destination");
        }

        var timeToLive = leased ? Leased(reader, name) : DefaultTimeToLive;
        reader.Done();
        return problems.All.Count > before ? null : new ServiceDeclaration(
            new Service
            {
                Name = name,
                Hosts = hosts,
                To = to,
                Stream = stream,
                Expose = expose == "lan" ? Exposure.Lan : Exposure.Everywhere,
                Routing = routing,
                Access = access,
                Source = by.Source,
                Announced = announced,
                Party = by.Party,
                Where = by.Where,
            },
            timeToLive);
    }

    private static TimeSpan Leased(MapReader reader, string name)
    {
        if (reader.Text("name") is { } said && !said.Equals(name, StringComparison.OrdinalIgnoreCase))
        {
            reader.Problems.Add(reader.Map.Find("name")!, $"\"{said}\" is not the name in the path, \"{name}\"", "leave it out, or make them the same");
        }

        if (reader.Duration("ttl") is not { } asked)
        {
            return DefaultTimeToLive;
        }

        if (asked < LeastTimeToLive || asked > MostTimeToLive)
        {
            reader.Problems.Add(reader.Map.Find("ttl")!, $"{DurationText.Format(asked)} is not a time from {DurationText.Format(LeastTimeToLive)} to 24h");
        }

        return asked;
    }

    private ImmutableArray<string> Hosts(MapReader reader, string name)
    {
        var hosts = Values(reader, "host", "a host name", MostHosts, static (string text, out string message, out string? hint) => HostName.Read(text, out message, out hint));
        if (reader.Items("host").Count > 0)
        {
            return hosts;
        }

        if (DefaultHost(name) is { } host)
        {
            return [host];
        }

        Missing(reader, "host", "is missing", "say host: NAME.example.com here, or domain: example.com in edge.yaml");
        return [];
    }

    private string? DefaultHost(string name) =>
        domain is null ? null : (node is null ? $"{name}.{domain}" : $"{name}.{node}.{domain}").ToLowerInvariant();

    private static void Missing(MapReader reader, string key, string message, string hint) =>
        reader.Problems.Add(new Problem(reader.Map.File, reader.Map.Line, reader.Map.Path.Length == 0 ? key : $"{reader.Map.Path}.{key}", message, hint));

    private delegate T? Parse<T>(string text, out string message, out string? hint);

    private static ImmutableArray<T> Values<T>(MapReader reader, string key, string expected, int most, Parse<T> parse)
        where T : class
    {
        var items = reader.Items(key);
        var found = ImmutableArray.CreateBuilder<T>();
        if (items.Count > most)
        {
            reader.Problems.Add(reader.Map.Find(key)!, $"has {items.Count} values; {most} at most");
            return [];
        }

        foreach (var item in items)
        {
            if (item is not ScalarNode { Value: { } text })
            {
                reader.Problems.Add(item, $"is {item.Kind}; {expected} is needed here");
            }
            else if (parse(text, out var message, out var hint) is not { } value)
            {
                reader.Problems.Add(item, message, hint);
            }
            else if (found.Contains(value))
            {
                reader.Problems.Add(item, $"\"{text}\" stands here twice", "leave one out");
            }
            else
            {
                found.Add(value);
            }
        }

        return found.ToImmutable();
    }
}
