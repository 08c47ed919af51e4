using System.Net;
using Edge.Services;
using Edge.Settings;

namespace Edge.Docker;

/// <summary>The containers of one engine as they were last looked at, and what they declare. Used by one task at a time.</summary>
internal sealed class EngineContainers
{
    // So many are asked for side by side; an engine has other things to do.
    private const int MostAtOnce = 8;

    private readonly EngineClient _client;
    private readonly Func<IReadOnlyList<IPNetwork>> _links;
    private readonly HolderServices _services;
    private readonly Dictionary<string, Container> _labelled = new(StringComparer.Ordinal);

    // Containers whose network others use; null for one that does not run.
    private readonly Dictionary<string, Container?> _hosts = new(StringComparer.Ordinal);

    // Containers that the engine is asked for in vain, though it answers: their trouble, and nobody else's.
    private readonly Dictionary<string, Problem> _unread = new(StringComparer.Ordinal);
    private EngineNetworks _networks = EngineNetworks.None;
    private EngineOptions _options;

    /// <param name="client">Tells of them.</param>
    /// <param name="options">What their labels may say.</param>
    /// <param name="reader">Knows the schema.</param>
    /// <param name="links">The subnets that this machine has an address in.</param>
    /// <param name="time">The clock.</param>
    public EngineContainers(EngineClient client, EngineOptions options, ServiceReader reader, Func<IReadOnlyList<IPNetwork>> links, TimeProvider time) =>
        (_client, _options, _links, _services) = (client, options, links, new HolderServices(options, reader, time));

    /// <summary>What is wrong now, in their labels and with those that cannot be looked at.</summary>
    public IEnumerable<Problem> Problems => _services.Problems.Concat(_unread.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value));

    /// <summary>When the next names of containers that have stopped are let go of, as a time stamp of the clock; null when none are kept.</summary>
    public long? NextEnd => _services.NextEnd;

    /// <summary>Lets go of the names whose time is over.</summary>
    public void EndHolds(Action<IReadOnlyList<(string Key, DeclaredGroup? Group)>> taken) => Declare([.. _services.Gone], taken);

    /// <summary>Takes other rules for labels: what was looked at is read anew, and the engine need not answer for it.</summary>
    public void Use(EngineOptions options, Action<IReadOnlyList<(string Key, DeclaredGroup? Group)>> taken)
    {
        _options = options;
        _services.Use(options);
        Declare([.. _labelled.Keys], taken);
    }

    /// <summary>Looks at every container. What could be looked at is taken, before a failure of the engine is thrown.</summary>
    public async Task LookAtAllAsync(Action<IReadOnlyList<(string Key, DeclaredGroup? Group)>> taken, CancellationToken cancel)
    {
        _networks = await _client.NetworksAsync(cancel).ConfigureAwait(false);
        var listed = await _client.ListAsync(cancel).ConfigureAwait(false);
        _hosts.Clear();
        _unread.Clear();

        // Whoever is listed no more has ended, or is about to start again, and then it stays what it is.
        var running = listed.Where(one => one.SaysServices).Select(one => one.Id);
        await LookAsync([.. running.Union(_labelled.Keys)], () => [.. _labelled.Keys, .. _services.Containers], taken, cancel).ConfigureAwait(false);
    }

    /// <summary>Looks at some containers, with which something happened.</summary>
    public Task LookAtAsync(IReadOnlyCollection<string> ids, Action<IReadOnlyList<(string Key, DeclaredGroup? Group)>> taken, CancellationToken cancel)
    {
        foreach (var id in ids)
        {
            _hosts.Remove(id);
        }

        return LookAsync(ids, () => [.. ids, .. _labelled.Values.Where(one => one.Host is { } host && ids.Contains(host)).Select(one => one.Id)], taken, cancel);
    }

    private async Task LookAsync(IReadOnlyCollection<string> ids, Func<HashSet<string>> concerned, Action<IReadOnlyList<(string Key, DeclaredGroup? Group)>> taken, CancellationToken cancel)
    {
        var failed = await InspectAsync(ids, Take, cancel).ConfigureAwait(false);
        var hosts = _labelled.Values.Select(one => one.Host).OfType<string>().Where(host => !_hosts.ContainsKey(host)).Distinct().ToList();
        failed = await InspectAsync(hosts, (host, container) => _hosts[host] = container, cancel).ConfigureAwait(false) ?? failed;
        var all = concerned();
        if (all.Any(id => _labelled.TryGetValue(id, out var container) && !_networks.Knows(container)))
        {
            failed = await LookAtNetworksAsync(cancel).ConfigureAwait(false) ?? failed;
        }

        Declare(all, taken);
        if (failed is not null)
        {
            throw failed;
        }
    }

    // Asks for several side by side and takes their answers one after the other.
    private async Task<EngineException?> InspectAsync(IReadOnlyCollection<string> ids, Action<string, Container?> take, CancellationToken cancel)
    {
        EngineException? failed = null;
        foreach (var some in ids.Chunk(MostAtOnce))
        {
            foreach (var (id, container, wrong) in await Task.WhenAll(some.Select(id => InspectAsync(id, cancel))).ConfigureAwait(false))
            {
                switch (wrong)
                {
                    case null:
                        _unread.Remove(id);
                        take(id, container);
                        break;
                    case { IsAway: true }:
                        failed = wrong;
                        break;
                    default:
                        var name = _labelled.TryGetValue(id, out var known) ? known.Where : $"container {(id.Length > 12 ? id[..12] : id)}";
                        _unread[id] = new Problem(name, 0, "", $"cannot be looked at: {_options.Socket} {wrong.Message}", "what it declared is served as it was");
                        break;
                }
            }
        }

        return failed;
    }

    private async Task<(string Id, Container? Container, EngineException? Wrong)> InspectAsync(string id, CancellationToken cancel)
    {
        try
        {
            return (id, await _client.InspectAsync(id, cancel).ConfigureAwait(false), null);
        }
        catch (EngineException wrong)
        {
            return (id, null, wrong);
        }
    }

    private async Task<EngineException?> LookAtNetworksAsync(CancellationToken cancel)
    {
        try
        {
            _networks = await _client.NetworksAsync(cancel).ConfigureAwait(false);
            return null;
        }
        catch (EngineException wrong)
        {
            return wrong;
        }
    }

    private void Take(string id, Container? container)
    {
        if (container is { SaysServices: true, State: not ContainerState.Stopped })
        {
            _labelled[container.Id] = container;
        }
        else
        {
            _labelled.Remove(container?.Id ?? id);
        }
    }

    private void Declare(IReadOnlyCollection<string> ids, Action<IReadOnlyList<(string Key, DeclaredGroup? Group)>> taken)
    {
        if (_services.Declare(ids, _labelled, TryHost, new ReachFinder(_options.Network, _networks.Separate, _links())) is { Count: > 0 } changes)
        {
            taken(changes);
        }
    }

    private bool TryHost(Container container, out Container? host)
    {
        host = container.Host is { } named ? Running(named) : null;
        return host is not null || container.Host is not { } unread || !_unread.ContainsKey(unread);
    }

    private Container? Running(string host) =>
        _labelled.TryGetValue(host, out var labelled) ? labelled
        : _hosts.TryGetValue(host, out var other) && other is { State: not ContainerState.Stopped } ? other
        : null;
}
