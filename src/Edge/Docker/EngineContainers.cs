using System.Collections.Immutable;
using System.Net;
using Edge.Services;
using Edge.Settings;

namespace Edge.Docker;

/// <summary>The containers of one engine as they were last looked at, and what each of them declares. Used by one task at a time.</summary>
/// <param name="client">Tells of them.</param>
/// <param name="options">What their labels may say.</param>
/// <param name="reader">Knows the schema.</param>
/// <param name="links">The subnets that this machine has an address in.</param>
internal sealed class EngineContainers(EngineClient client, EngineOptions options, ServiceReader reader, Func<IReadOnlyList<IPNetwork>> links)
{
    private readonly ContainerServices _services = new(options, reader);
    private readonly Dictionary<string, Container> _labelled = new(StringComparer.Ordinal);

    // Containers whose network others use; null for one that does not run.
    private readonly Dictionary<string, Container?> _hosts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (DeclaredGroup Group, ImmutableArray<Problem> Problems)> _declared = new(StringComparer.Ordinal);

    // Containers that the engine is asked for in vain, though it answers: their trouble, and nobody else's.
    private readonly Dictionary<string, Problem> _unread = new(StringComparer.Ordinal);
    private EngineNetworks _networks = EngineNetworks.None;

    /// <summary>What is wrong now, in their labels and with those that cannot be looked at.</summary>
    public IEnumerable<Problem> Problems =>
        _declared.OrderBy(pair => pair.Value.Group.Order).SelectMany(pair => pair.Value.Problems).Concat(_unread.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value));

    /// <summary>How many services they declare.</summary>
    public int Count => _declared.Values.Sum(declared => declared.Group.Services.Length);

    /// <summary>Looks at every container. What could be looked at is taken, before a failure of the engine is thrown.</summary>
    public async Task LookAtAllAsync(Action<IReadOnlyList<(string Key, DeclaredGroup? Group)>> taken, CancellationToken cancel)
    {
        _networks = await client.NetworksAsync(cancel).ConfigureAwait(false);
        var listed = await client.ListAsync(cancel).ConfigureAwait(false);
        var running = listed.Select(one => one.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in _labelled.Keys.Where(id => !running.Contains(id)).ToList())
        {
            _labelled.Remove(gone);
        }

        _hosts.Clear();
        _unread.Clear();
        await LookAsync([.. listed.Where(one => one.SaysServices).Select(one => one.Id)], () => [.. _labelled.Keys, .. _declared.Keys], taken, cancel).ConfigureAwait(false);
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
        EngineException? failed = null;
        foreach (var id in ids)
        {
            failed = await TriedAsync(() => InspectAsync(id, container => Take(id, container), cancel)).ConfigureAwait(false) ?? failed;
        }

        foreach (var host in _labelled.Values.Select(one => one.Host).OfType<string>().Where(host => !_hosts.ContainsKey(host)).Distinct().ToList())
        {
            failed = await TriedAsync(() => InspectAsync(host, container => _hosts[host] = container, cancel)).ConfigureAwait(false) ?? failed;
        }

        var all = concerned();
        if (all.Any(id => _labelled.TryGetValue(id, out var container) && !_networks.Knows(container)))
        {
            failed = await TriedAsync(async () => _networks = await client.NetworksAsync(cancel).ConfigureAwait(false)).ConfigureAwait(false) ?? failed;
        }

        if (Declare(all) is { Count: > 0 } changes)
        {
            taken(changes);
        }

        if (failed is not null)
        {
            throw failed;
        }
    }

    private async Task InspectAsync(string id, Action<Container?> take, CancellationToken cancel)
    {
        try
        {
            var container = await client.InspectAsync(id, cancel).ConfigureAwait(false);
            _unread.Remove(id);
            take(container);
        }
        catch (EngineException wrong) when (!wrong.IsAway)
        {
            var name = _labelled.TryGetValue(id, out var known) ? known.Where : $"container {(id.Length > 12 ? id[..12] : id)}";
            _unread[id] = new Problem(name, 0, "", $"cannot be looked at: {options.Socket} {wrong.Message}", "what it declared is served as it was");
        }
    }

    private static async Task<EngineException?> TriedAsync(Func<Task> look)
    {
        try
        {
            await look().ConfigureAwait(false);
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

    private List<(string Key, DeclaredGroup? Group)> Declare(HashSet<string> ids)
    {
        var changes = new List<(string, DeclaredGroup?)>();
        var reaches = new ReachFinder(options.Network, _networks.Separate, links());
        foreach (var id in ids)
        {
            var key = $"{options.Socket} {id}";
            var before = _declared.TryGetValue(id, out var declared) ? declared.Group : null;
            if (!_labelled.TryGetValue(id, out var container))
            {
                if (_declared.Remove(id))
                {
                    changes.Add((key, null));
                }

                continue;
            }

            var host = container.Host is { } named ? Running(named) : null;
            if (host is null && container.Host is { } unread && _unread.ContainsKey(unread))
            {
                continue;
            }

            var (services, problems) = _services.Read(container, host, reaches);
            var now = before is not null && before.Services.SequenceEqual(services) ? before : new DeclaredGroup(container.Created, key, services);
            _declared[id] = (now, problems);
            if (!ReferenceEquals(now, before))
            {
                changes.Add((key, services.IsEmpty ? null : now));
            }
        }

        return changes;
    }

    private Container? Running(string host) =>
        _labelled.TryGetValue(host, out var labelled) ? labelled
        : _hosts.TryGetValue(host, out var other) && other is { State: not ContainerState.Stopped } ? other
        : null;
}
