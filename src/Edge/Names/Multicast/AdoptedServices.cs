using System.Collections.Immutable;
using Edge.Dns.Multicast;
using Edge.Dns.Snapshots;
using Edge.Services;
using Edge.Settings;
using Microsoft.Extensions.Logging;

namespace Edge.Names.Multicast;

/// <summary>
/// Services of neighbours that rules take in, for as long as they are announced; and the places of those that files follow.
/// A neighbour can say what he likes as often as he likes: it is taken over ten times a second at most.
/// </summary>
internal sealed partial class AdoptedServices : IOutsideSource, IAnnouncements
{
    private const int Most = 64;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly MulticastRoom _room;
    private readonly ServiceReader _reader;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly SemaphoreSlim _news = new(0, 1);
    private volatile FoundServices _known = FoundServices.None;

    public AdoptedServices(MulticastRoom room, ServiceReader reader, TimeProvider time, ILogger<AdoptedServices> log)
    {
        (_room, _reader, _time, _log) = (room, reader, time, log);
        room.FoundChanged += () =>
        {
            // One waiting look sees all that came until then.
            if (_news.CurrentCount == 0)
            {
                Signal();
            }
        };
    }

    public event Action? Changed;

    public SourceKind Kind => SourceKind.Mdns;

    public ShardedMap<string, DeclaredGroup> Current { get; private set; } = new(StringComparer.Ordinal);

    public IReadOnlyList<Problem> Problems { get; private set; } = [];

    public Service Resolve(Service service) => AnnouncedPlaces.Resolve(service, _known.Instances, _known.Asks);

    public void Follow(ImmutableArray<AnnouncedService> wanted) => _room.Want([.. wanted.SelectMany(one => one.Types).Distinct()]);

    // Nothing has been heard yet: what neighbours have is served when they have said so.
    public Task LoadAsync(CancellationToken cancel) => Task.CompletedTask;

    public async Task FollowAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                Take();
                await _news.WaitAsync(cancel).ConfigureAwait(false);
                await Task.Delay(Pause, _time, cancel).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (Exception unexpected)
            {
                Log.Failed(_log, unexpected);
                await Task.Delay(Pause, _time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Signal()
    {
        try
        {
            _news.Release();
        }
        catch (SemaphoreFullException)
        {
            // Somebody else was quicker; the look is due in any case.
        }
    }

    private void Take()
    {
        var now = _room.FoundNow;
        if (now.Equals(_known))
        {
            return;
        }

        _known = now;
        var problems = new ProblemList();
        var services = new Dictionary<string, Service>(StringComparer.Ordinal);
        foreach (var service in Adopted(now).Select(one => Read(one.Name, one.Found, one.Rule, problems)).OfType<Service>())
        {
            // Two instances whose names differ in what cannot be shown look the same: the first one has the place.
            services.TryAdd(service.Where, service);
        }

        var next = Current.Edit();
        foreach (var gone in Current.All.Select(pair => pair.Key).Where(key => !services.ContainsKey(key)).ToList())
        {
            next.Set(gone, null);
        }

        foreach (var (key, service) in services)
        {
            if (next.Find(key) is not { } known || !known.Services[0].Equals(service))
            {
                next.Set(key, new DeclaredGroup(0, key, [service]));
            }
        }

        (Current, Problems) = (next.ToMap(), [.. problems.All]);
        Changed?.Invoke();
    }

    // An instance that is announced both ways is served by the first, plain HTTP: nobody vouches for the certificate of a device.
    private static IEnumerable<(string Name, FoundInstance Found, AdoptionRule Rule)> Adopted(FoundServices now) => now.Instances
        .Select(found => (Found: found, Rule: now.Rules.FirstOrDefault(rule => rule.Takes(found))))
        .Where(one => one.Rule is not null)
        .OrderBy(one => one.Found.Type, StringComparer.Ordinal).ThenBy(one => one.Found.Instance, StringComparer.Ordinal)
        .DistinctBy(one => one.Found.Instance, StringComparer.OrdinalIgnoreCase)
        .Take(Most)
        .Select(one => (one.Rule!.As ?? FoundText.Name(one.Found), one.Found, one.Rule));

    private Service? Read(string name, FoundInstance found, AdoptionRule rule, ProblemList problems)
    {
        var where = $"mdns {FoundText.Shown(found.Instance)} ({found.Type})";
        var map = new MapNode(where, 0, "", [
            KeyValuePair.Create<string, Node>("mdns", new ScalarNode(where, 0, "mdns", found.Instance)),
            KeyValuePair.Create<string, Node>("expose", new ScalarNode(where, 0, "expose", rule.Expose == Exposure.Lan ? "lan" : "everywhere"))]);
        var service = _reader.Read(name, map, new Declarer(SourceKind.Mdns, "", where) { MayFollow = true }, problems);
        return service is null ? null : Resolve(service with { Announced = new AnnouncedService(found.Instance, found.Type) });
    }

    private static partial class Log
    {
        [LoggerMessage(3350, LogLevel.Error, "What neighbours announce could not be taken over, and is tried again")]
        public static partial void Failed(ILogger log, Exception error);
    }
}
