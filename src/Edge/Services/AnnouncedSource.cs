using Edge.Dns.Snapshots;

namespace Edge.Services;

/// <summary>A source whose services may be somewhere that neighbours announce: the same services, with the destinations of now.</summary>
internal sealed class AnnouncedSource : IServiceSource
{
    private readonly Lock _lock = new();
    private readonly IServiceSource _declared;
    private readonly IAnnouncements _announcements;
    private readonly HashSet<string> _following = new(StringComparer.Ordinal);
    private ShardedMap<string, DeclaredGroup> _taken = new(StringComparer.Ordinal);

    public AnnouncedSource(IServiceSource declared, IAnnouncements announcements)
    {
        (_declared, _announcements) = (declared, announcements);
        declared.Changed += Take;
        announcements.Changed += Take;
    }

    public event Action? Changed;

    public SourceKind Kind => _declared.Kind;

    public ShardedMap<string, DeclaredGroup> Current { get; private set; } = new(StringComparer.Ordinal);

    private void Take()
    {
        var before = Current;
        lock (_lock)
        {
            var declared = _declared.Current;
            var next = Current.Edit();
            var follows = _following.Count > 0;
            foreach (var (key, _, group) in ShardedMap<string, DeclaredGroup>.Differing(_taken, declared))
            {
                next.Set(key, group);
                _following.Remove(key);
                if (group?.Services.Any(service => service.Announced is not null) is true)
                {
                    _following.Add(key);
                }
            }

            _taken = declared;
            foreach (var key in _following)
            {
                Resolve(next, declared.Find(key)!);
            }

            Current = next.ToMap();
            if (follows || _following.Count > 0)
            {
                _announcements.Follow([.. _following.SelectMany(key => declared.Find(key)!.Services).Select(service => service.Announced).OfType<AnnouncedService>().Distinct()]);
            }
        }

        if (!ReferenceEquals(before, Current))
        {
            Changed?.Invoke();
        }
    }

    private void Resolve(ShardedMapEditor<string, DeclaredGroup> next, DeclaredGroup group)
    {
        var resolved = group with { Services = [.. group.Services.Select(service => service.Announced is null ? service : _announcements.Resolve(service))] };
        if (next.Find(group.Key) is not { } known || known.Order != resolved.Order || !known.Services.SequenceEqual(resolved.Services))
        {
            next.Set(group.Key, resolved);
        }
    }
}
