using System.Collections.Immutable;
using Edge.Dns.Snapshots;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Dns.Tests.Reference;

/// <summary>Declarations, the manager that follows them, and changes to them by chance.</summary>
internal sealed class ServedDeclarations : IDisposable
{
    public static readonly ImmutableArray<string> Views = ["lan", "public"];

    private static readonly string[] FirstTypes = ["a", "aaaa", "txt", "cname"];

    private readonly DeclaringSource _files = new("files");
    private readonly DeclaringSource _services = new("services");
    private readonly DeclaringSource _updates = new("updates");
    private readonly Dictionary<(string Origin, string? View), DeclaredZone> _zones = [];
    private readonly Dictionary<(string? View, string Owner, string Type), ChangedRRset> _sets = [];
    private readonly Random _random;
    private ShardedMap<Name, OverlayRecord[]> _byOwner = new();
    private readonly RandomZones _made;

    public ServedDeclarations(Random random, int size)
    {
        (_random, _made) = (random, new RandomZones(random));
        foreach (var origin in RandomZones.Origins)
        {
            Declared.Files[(origin, null)] = [.. _made.Make(origin, random.Next(size)).Lines];
        }

        _files.Set(Declared.Zones(_zones));
        Manager = Scratch();
    }

    public Declarations Declared { get; } = new();

    public ZoneManager Manager { get; }

    /// <summary>A manager that has never seen anything but what is declared now.</summary>
    public ZoneManager Scratch() => new([_files, _services, _updates], Views, NullLogger.Instance, TimeProvider.System);

    /// <summary>One thing changes, as files, services, challenges and updates change.</summary>
    public string Change()
    {
        switch (_random.Next(10))
        {
            case < 4:
                return EditFile();
            case < 6:
                return EditOverlay();
            case < 9:
                return Update();
            default:
                return TakeZone();
        }
    }

    public void Dispose() => Manager.Dispose();

    private string EditFile()
    {
        var key = (Origin: _made.Any(RandomZones.Origins), View: _random.Next(3) == 0 ? _made.Any(Views) : null);
        if (!Declared.Files.TryGetValue(key, out var lines) && key.View is null)
        {
            return Restore(key.Origin);
        }

        // A new list: what was declared before stays as it was.
        Declared.Files[key] = lines = [.. lines ?? []];
        for (var edits = _random.Next(1, 4); edits > 0; edits--)
        {
            var at = _random.Next(lines.Count + 1);
            if (_random.Next(2) == 0 && at < lines.Count && (lines[at].Type is not ("soa" or "ns") || lines[at].Owner != key.Origin))
            {
                lines.RemoveAt(at);
            }
            else if (_made.Record(key.Origin) is var line && RandomZones.MayJoin(key.Origin, lines, line))
            {
                lines.Insert(at, line);
            }
        }

        _zones.Remove(key);
        _files.Set(Declared.Zones(_zones));
        return $"the file of {key}";
    }

    private string Restore(string origin)
    {
        Declared.Files[(origin, null)] = [.. _made.Make(origin, 10).Lines];
        _files.Set(Declared.Zones(_zones));
        return $"{origin} comes";
    }

    private string TakeZone()
    {
        var origin = _made.Any(RandomZones.Origins);
        Declared.Files.Remove((origin, null));
        _zones.Remove((origin, null));
        _files.Set(Declared.Zones(_zones));
        return $"{origin} goes";
    }

    private string EditOverlay()
    {
        if (Declared.Overlay.Count > 0 && _random.Next(3) == 0)
        {
            Declared.Overlay.RemoveAt(_random.Next(Declared.Overlay.Count));
        }
        else
        {
            var type = _made.Any(FirstTypes);
            // Not what files say as well: which TTL a record has that is declared twice, no rule says.
            var data = type == "cname" ? "laid." + _made.Any(RandomZones.Origins) : _made.Data(type).Replace("192.0.2", "198.51.100", StringComparison.Ordinal)
                .Replace("db8::", "db8:1::", StringComparison.Ordinal).Replace("text", "laid", StringComparison.Ordinal);
            var line = new RecordLine(_made.NameIn(_made.Any(RandomZones.Origins)), 60, type, data);
            Declared.Overlay.Add((View(), _random.Next(2) == 0 ? OverlayMode.Fill : OverlayMode.Add, line));
        }

        _services.Set(ByOwner(Declared.Laid()));
        return "the overlay";
    }

    // Half of the owners by the one way and half by the other, and what stays is shared.
    private ZoneContribution ByOwner(ZoneContribution laid)
    {
        var next = _byOwner.Edit();
        var owners = laid.Overlay.Where(record => IsByOwner(record.Record.Owner)).GroupBy(record => record.Record.Owner).ToDictionary(owner => owner.Key, owner => owner.ToArray());
        foreach (var owner in _byOwner.All.Select(pair => pair.Key).Union(owners.Keys))
        {
            var now = owners.GetValueOrDefault(owner);
            if (now is null || next.Find(owner)?.SequenceEqual(now) is not true)
            {
                next.Set(owner, now);
            }
        }

        _byOwner = next.ToMap();
        return laid with { Overlay = [.. laid.Overlay.Where(record => !IsByOwner(record.Record.Owner))], ByOwner = _byOwner };
    }

    private static bool IsByOwner(Name owner) => owner.ToString().Length % 2 == 0;

    private string Update()
    {
        var origin = _made.Any(RandomZones.Origins);
        var line = Declared.Files.TryGetValue((origin, null), out var lines) && _random.Next(2) == 0 ? _made.Any(lines) : _made.Record(origin);
        var key = (View(), line.Owner, line.Type);
        if (Declared.Changes.Count > 0 && _random.Next(3) == 0)
        {
            // Once more what was changed before.
            key = _made.Any([.. Declared.Changes.Keys]);
            (line, origin) = (line with { Owner = key.Item2, Type = key.Item3, Data = _made.Data(key.Item3) }, RandomZones.Origins.Contains(key.Item2) ? key.Item2 : origin);
        }

        if (Declared.Changes.ContainsKey(key) && _random.Next(2) == 0)
        {
            Declared.Changes.Remove(key);
        }
        else if (line.Type == "soa" || (line.Type == "ns" && line.Owner == origin))
        {
            Declared.Changes[key] = [line.Type == "soa" ? _made.Soa(origin, (uint)_random.Next(1, 50)) : line with { Ttl = 77 }];
        }
        else
        {
            var data = Enumerable.Range(0, line.Type is "cname" or "dname" ? _random.Next(2) : _random.Next(3)).Select(_ => _made.Data(line.Type)).Distinct();
            Declared.Changes[key] = [.. data.Select(one => line with { Data = one, Ttl = 30 })];
        }

        _sets.Remove(key);
        _updates.Set(Declared.Updated(_sets));
        return $"an update of {key}";
    }

    private string? View() => _random.Next(2) == 0 ? null : _made.Any(Views);
}
