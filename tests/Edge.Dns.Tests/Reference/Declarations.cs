using System.Collections.Immutable;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Xunit;

namespace Edge.Dns.Tests.Reference;

/// <summary>
/// What sources declare, changed step by step, and what each view must see of it: the rules of docs/zone-files.md,
/// services, challenges and updates in plain words.
/// </summary>
internal sealed class Declarations
{
    public Dictionary<(string Origin, string? View), List<RecordLine>> Files { get; } = [];

    public List<(string? View, OverlayMode Mode, RecordLine Line)> Overlay { get; } = [];

    public Dictionary<(string? View, string Owner, string Type), List<RecordLine>> Changes { get; } = [];

    /// <summary>The zones a view has.</summary>
    public IEnumerable<string> Origins => Files.Keys.Where(key => key.View is null).Select(key => key.Origin);

    /// <summary>The records of a zone as one view sees them.</summary>
    public List<RecordLine> Seen(string origin, string view)
    {
        var shared = Changed(origin, Files[(origin, null)], null);
        var merged = Files.TryGetValue((origin, view), out var own) ? Merge(origin, shared, own) : shared;
        var declared = Changed(origin, merged, view);
        var result = new List<RecordLine>(declared);
        foreach (var mode in (OverlayMode[])[OverlayMode.Fill, OverlayMode.Add])
        {
            foreach (var (_, _, line) in Overlay.Where(one => one.Mode == mode && (one.View ?? view) == view && ZoneOf(one.Line.Owner) == origin))
            {
                // A name that a file has stays as the file has it, and nothing is laid where it could not be answered.
                if ((mode == OverlayMode.Add || declared.All(other => other.Owner != line.Owner)) && MayLie(origin, result, line))
                {
                    result.Add(line);
                }
            }
        }

        return result;
    }

    public ZoneContribution Zones(Dictionary<(string Origin, string? View), DeclaredZone> kept) =>
        new([.. Files.Keys.Select(key => kept.TryGetValue(key, out var zone) ? zone : kept[key] =
            new DeclaredZone(Name.Parse(key.Origin), key.View, [.. Files[key].Select(line => line.ToRecord())]))], []);

    public ZoneContribution Laid() => ZoneContribution.Empty with
    {
        Overlay = [.. Overlay.Select(one => new OverlayRecord(one.View, one.Line.ToRecord(), one.Mode))],
    };

    public ZoneContribution Updated(Dictionary<(string? View, string Owner, string Type), ChangedRRset> kept) => ZoneContribution.Empty with
    {
        Changes = [.. Changes.Keys.Select(key => kept.TryGetValue(key, out var set) ? set : kept[key] = ToSet(key, Changes[key]))],
    };

    private static ChangedRRset ToSet((string? View, string Owner, string Type) key, List<RecordLine> lines)
    {
        Assert.True(RecordText.TryParseType(key.Type, out var type));
        return new ChangedRRset(
            key.View, Name.Parse(key.Owner), type, lines.Count == 0 ? 0 : lines[0].Ttl, [.. lines.Select(line => line.ToRecord().Data)], new RecordSource("update"));
    }

    private string? ZoneOf(string owner) => Origins.Where(origin => ReferenceZone.IsAtOrBelow(owner, origin)).MaxBy(origin => origin.Length);

    private List<RecordLine> Changed(string origin, List<RecordLine> lines, string? view)
    {
        var changes = Changes.Where(change => change.Key.View == view && ZoneOf(change.Key.Owner) == origin).ToList();
        return
        [
            .. lines.Where(line => !changes.Exists(change => change.Key.Owner == line.Owner && change.Key.Type == line.Type)),
            .. changes.SelectMany(change => change.Value),
        ];
    }

    // An owner of the view answers every type; only at the apex SOA and NS stay unless the view gives its own.
    private static List<RecordLine> Merge(string origin, List<RecordLine> shared, List<RecordLine> own) =>
    [
        .. shared.Where(line => own.TrueForAll(other => other.Owner != line.Owner)
            || (line.Owner == origin && line.Type is "soa" or "ns" && own.TrueForAll(other => other.Owner != origin || other.Type != line.Type))),
        .. own,
    ];

    private static bool MayLie(string origin, List<RecordLine> lines, RecordLine line)
    {
        var here = lines.Where(other => other.Owner == line.Owner).ToList();
        var handedAway = lines.Exists(other => ReferenceZone.IsAtOrBelow(line.Owner, other.Owner)
            && ((other.Type == "ns" && other.Owner != origin) || (other.Type == "dname" && other.Owner != line.Owner)));
        var alias = here.Exists(other => other.Type == "cname");
        return !handedAway && (line.Type == "cname" ? here.TrueForAll(other => other.Type == "cname" && other.Data == line.Data) : !alias);
    }
}
