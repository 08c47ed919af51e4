using Edge.Dns.Nameserver;
using Edge.Dns.Tests.Reference;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Tests.Interop;

/// <summary>A zone made by chance that the peers load as well, and questions about it; the same ones for the same number.</summary>
internal sealed class RandomSharedZone
{
    private static readonly string[] Types = [.. RandomZones.QueryTypes.Where(type => type is not ("any" or "rrsig" or "nsec"))];

    private readonly RandomZones _made;
    private readonly ReferenceZone _zone;

    public RandomSharedZone(int number, string origin)
    {
        var random = new Random(20261126 + number);
        _made = new RandomZones(random, origin);
        // What the peers would refuse or have otherwise before anything is asked: name servers of the zone that have no address, TTLs that differ.
        _zone = new ReferenceZone(origin, [.. _made.Make(origin, random.Next(5, 40)).Lines
            .Where(line => line.Type != "ns" || line.Owner != origin).Append(new RecordLine(origin, 300, "ns", "ns.elsewhere.example."))
            .Select(line => line with { Ttl = 300 })]);
        Zone = Zone.Build(Name.Parse(origin), [.. _zone.Lines.Select(line => RecordText.Parse(line.ToString()))]);
    }

    public Zone Zone { get; }

    /// <summary>The lines of its file.</summary>
    public IEnumerable<string> Lines => _zone.Lines.Select(line => line.ToString());

    /// <summary>Questions over TCP about names in it and near it.</summary>
    public List<SharedQuestion> Questions(int count) =>
    [
        .. Enumerable.Range(0, count).Select(_ => (Name: _made.NameNear(_zone), Type: _made.Any(Types)))
            .Select(one => new SharedQuestion(Name.Parse(_made.Recased(one.Name)), TypeOf(one.Type), null, Transport.Tcp)),
    ];

    private static RecordType TypeOf(string type) => RecordText.TryParseType(type, out var number) ? number : throw new FormatException(type);
}
