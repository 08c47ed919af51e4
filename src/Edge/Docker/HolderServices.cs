using System.Collections.Immutable;
using Edge.Services;
using Edge.Settings;

namespace Edge.Docker;

/// <summary>
/// What the containers of one engine declare, holder by holder. Who has stopped keeps the names for a moment: a
/// container that is restarted, or made anew from a newer image, finds them where they were.
/// </summary>
internal sealed class HolderServices(EngineOptions options, ServiceReader reader, TimeProvider time)
{
    private readonly Dictionary<string, HeldServices> _held = new(StringComparer.Ordinal);

    // The holder that each container was last counted to.
    private readonly Dictionary<string, string> _holders = new(StringComparer.Ordinal);
    private ReplicaServices _replicas = new(options, reader);
    private EngineOptions _options = options;

    /// <summary>What is wrong in labels now, the older container's first.</summary>
    public IEnumerable<Problem> Problems => _held.Values.OrderBy(held => held.Group.Order).SelectMany(held => held.Problems);

    /// <summary>How many services are declared.</summary>
    public int Count => _held.Values.Sum(held => held.Group.Services.Length);

    /// <summary>The containers that declare something, or did a moment ago.</summary>
    public IEnumerable<string> Containers => _holders.Keys;

    /// <summary>Those that are gone, and whose names are kept for a moment.</summary>
    public IEnumerable<string> Gone => _held.Values.Where(held => held.Until is not null).SelectMany(held => held.Containers);

    /// <summary>When the next names are let go of; null when none are kept.</summary>
    public long? NextEnd => _held.Values.Min(held => held.Until);

    /// <summary>Other rules are in force for what is read from now on.</summary>
    public void Use(EngineOptions now) => (_options, _replicas) = (now, new ReplicaServices(now, reader));

    /// <summary>Reads anew what the holders of some containers declare.</summary>
    /// <param name="ids">The containers with which something happened.</param>
    /// <param name="labelled">All containers that have labels of ours and run.</param>
    /// <param name="host">The container whose network another uses; false when that is not known now, and then what was declared stays.</param>
    /// <param name="reaches">Chooses how they are reached.</param>
    public List<(string Key, DeclaredGroup? Group)> Declare(IEnumerable<string> ids, IReadOnlyDictionary<string, Container> labelled, TryFind host, ReachFinder reaches)
    {
        var concerned = new HashSet<string>(StringComparer.Ordinal);
        foreach (var id in ids)
        {
            if (_holders.Remove(id, out var before))
            {
                concerned.Add(before);
            }

            if (labelled.TryGetValue(id, out var container))
            {
                concerned.Add(_holders[id] = container.Holder);
            }
        }

        var all = labelled.Values.ToLookup(one => one.Holder, StringComparer.Ordinal);
        var changes = new List<(string, DeclaredGroup?)>();
        foreach (var holder in concerned)
        {
            var (before, after) = (_held.GetValueOrDefault(holder), Next(holder, [.. all[holder].OrderBy(one => one.Created).ThenBy(one => one.Id, StringComparer.Ordinal)], labelled, host, reaches));
            Keep(holder, after);
            if (!ReferenceEquals(before?.Group, after?.Group) && (before, after) is not (null, { Group.Services.IsEmpty: true }))
            {
                changes.Add(($"{_options.Socket} {holder}", after is { Group.Services.IsEmpty: false } ? after.Group : null));
            }
        }

        return changes;
    }

    /// <summary>The container whose network another uses, null for its own; false when that is not known now.</summary>
    internal delegate bool TryFind(Container container, out Container? host);

    private void Keep(string holder, HeldServices? held)
    {
        if (held is null)
        {
            _held.Remove(holder);
            return;
        }

        _held[holder] = held;
        foreach (var id in held.Containers)
        {
            _holders[id] = holder;
        }
    }

    private HeldServices? Next(string holder, IReadOnlyList<Container> containers, IReadOnlyDictionary<string, Container> labelled, TryFind host, ReachFinder reaches)
    {
        var before = _held.GetValueOrDefault(holder);
        if (containers.Count == 0)
        {
            // A container that has another name now has left its old one.
            return before is null || before.Containers.Any(labelled.ContainsKey) ? null : Left(before);
        }

        var replicas = new List<(Container Container, Container? Host)>();
        foreach (var container in containers)
        {
            if (!host(container, out var other))
            {
                // It is back: what it had has no end any more, though what it has now cannot be read yet.
                return before is null ? null : before with { Until = null, Containers = [.. containers.Select(one => one.Id)] };
            }

            replicas.Add((container, other));
        }

        // While a service of a compose file is made anew its containers differ: the older have the names until they are gone.
        var read = replicas.GroupBy(one => one.Container.Said, StringComparer.Ordinal)
            .Select((same, at) => _replicas.Read([.. same], at == 0 ? holder : $"{holder}, {same.First().Container.Where}", reaches)).ToList();
        ImmutableArray<Service> services = [.. read.SelectMany(one => one.Services)];
        var group = before is not null && before.Group.Services.SequenceEqual(services) ? before.Group : new DeclaredGroup(containers[0].Created, $"{_options.Socket} {holder}", services);
        return new HeldServices(group, [.. read.SelectMany(one => one.Problems)], [.. containers.Select(one => one.Id)]);
    }

    private HeldServices? Left(HeldServices before)
    {
        if (before.Until is { } until)
        {
            return time.GetTimestamp() < until ? before : null;
        }

        ImmutableArray<Service> services = [.. before.Group.Services.Select(service => Waiting.Of(service, ContainerState.Stopped)).OfType<Service>()];
        return services.IsEmpty || _options.Hold == TimeSpan.Zero ? null : before with
        {
            Group = before.Group with { Services = services },
            Problems = [],
            Until = time.GetTimestamp() + (long)(_options.Hold.TotalSeconds * time.TimestampFrequency),
        };
    }
}
