using Edge.Dns.Nameserver;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Tests.Interop;

/// <summary>Questions about everything in the zones and around it: the same ones at every run.</summary>
internal static class SharedQuestions
{
    private static readonly RecordType[] Everywhere =
        [RecordType.A, RecordType.NS, RecordType.SOA, RecordType.CNAME, RecordType.DNAME, RecordType.DS, RecordType.TXT, RecordType.MX, RecordType.ANY];

    private static readonly RecordType[] Seldom =
    [
        RecordType.AAAA, RecordType.SRV, RecordType.PTR, RecordType.HTTPS, RecordType.SVCB, RecordType.CAA, RecordType.TLSA, RecordType.NAPTR, RecordType.DNSKEY,
        RecordType.HINFO, RecordType.RRSIG, RecordType.NSEC, RecordType.LOC, (RecordType)65280, (RecordType)65000, (RecordType)10, (RecordType)99,
    ];

    private static readonly int?[] Sizes = [null, 512, 1232, 4096];

    public static List<SharedQuestion> About(IReadOnlyCollection<Zone> zones)
    {
        var random = new Random(20261126);
        var questions = new List<SharedQuestion>();
        var types = zones.SelectMany(zone => zone.RRsets).ToLookup(set => set.Owner, set => set.Type);
        foreach (var name in Names(zones).Append(Name.Root).Append(Name.Parse("www.elsewhere.example.")).Append(Name.Parse("test.")))
        {
            foreach (var type in Everywhere.Concat(types[name]).Append(Seldom[random.Next(Seldom.Length)]).Distinct())
            {
                var edns = Sizes[random.Next(Sizes.Length)] is { } size ? new Edns((ushort)size, random.Next(2) == 0) : null;
                questions.Add(new SharedQuestion(Recased(name, random), type, edns, random.Next(3) == 0 ? Transport.Tcp : Transport.Udp));
            }
        }

        return questions;
    }

    // Every owner and every name that data leads to; what lies above them, and what lies below and does not exist.
    private static IEnumerable<Name> Names(IReadOnlyCollection<Zone> zones)
    {
        var known = new HashSet<Name>();
        foreach (var set in zones.SelectMany(zone => zone.RRsets))
        {
            known.Add(set.Owner);
            known.UnionWith(set.Data.Select(data => Target(set.Type, data)).OfType<Name>());
        }

        var names = new HashSet<Name>(known);
        foreach (var name in known.Where(name => !Numbered(name)))
        {
            for (var above = name.Parent; above is not null && zones.Any(zone => above.IsAtOrBelow(zone.Origin)); above = above.Parent)
            {
                names.Add(above);
            }

            names.UnionWith(Below(name));
        }

        return names.Order();
    }

    private static IEnumerable<Name> Below(Name name) =>
        ((string[][])[["x"], ["host"], ["*"], ["x", "*"], ["a", "b", "c"]]).Where(labels => name.Wire.Length + labels.Sum(label => label.Length + 1) <= Name.MaxWireLength)
            .Select(labels => labels.Reverse().Aggregate(name, (below, label) => below.Prepend(label)));

    // mail17.bigmx and its like: one of a kind is enough.
    private static bool Numbered(Name name) => name.FirstLabel.Length > 2 && name.FirstLabel[^1] is >= (byte)'0' and <= (byte)'9' && name.FirstLabel[^2] is >= (byte)'0' and <= (byte)'9';

    private static Name? Target(RecordType type, RData data)
    {
        var offset = type is RecordType.CNAME or RecordType.DNAME or RecordType.PTR ? 0 : RDataNames.AdditionalTargetOffset(type);
        var length = offset < 0 ? -1 : RDataNames.NameLength(data.Wire[offset..]);
        return length < 0 ? null : Name.FromWire(data.Wire.Slice(offset, length));
    }

    private static Name Recased(Name name, Random random)
    {
        var wire = name.Wire.ToArray();
        for (var label = 0; wire[label] != 0; label += wire[label] + 1)
        {
            for (var i = label + 1; i <= label + wire[label]; i++)
            {
                wire[i] = char.IsAsciiLetter((char)wire[i]) && random.Next(3) == 0 ? (byte)(wire[i] ^ 0x20) : wire[i];
            }
        }

        return Name.FromWire(wire);
    }
}
