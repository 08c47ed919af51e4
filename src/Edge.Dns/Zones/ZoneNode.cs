using Edge.Dns.Wire;
using Edge.Dns.Zones.Packed;

namespace Edge.Dns.Zones;

/// <summary>One owner of a zone, with or without records (RFC 4592 §2.2.2: an empty non-terminal exists too), wherever it is kept.</summary>
internal readonly struct ZoneNode
{
    private readonly PackedZone? _packed;
    private readonly int _number;
    private readonly OverlaidNode? _overlaid;

    public ZoneNode(PackedZone packed, int number) => (_packed, _number) = (packed, number);

    public ZoneNode(OverlaidNode overlaid) => _overlaid = overlaid;

    public NodeFlags Flags => _overlaid is { } node ? node.Flags : _packed!.Node(_number).Flags;

    public bool IsCut => (Flags & NodeFlags.Cut) != 0;

    public int SetCount => _overlaid is { } node ? node.Sets.Length : _packed!.Node(_number).Sets;

    public int Children => _overlaid is { } node ? node.Children : _packed!.Node(_number).Children;

    /// <summary>The owner in wire form, case as declared.</summary>
    public ReadOnlySpan<byte> OwnerWire => _overlaid is { } node ? node.Owner.Wire : _packed!.OwnerOf(_number);

    public Name Owner => _overlaid?.Owner ?? Name.FromWire(OwnerWire);

    public WireRRset Set(int index) => _overlaid is { } node ? node.Sets[index].Wire : _packed!.Set(_packed.Node(_number).FirstSet + index);

    public RecordType TypeOf(int index) => _overlaid is { } node ? node.Sets[index].Type : _packed!.TypeOf(_packed.Node(_number).FirstSet + index);

    public bool Has(RecordType type) => IndexOf(type) >= 0;

    public bool TryFind(RecordType type, out WireRRset set)
    {
        var index = IndexOf(type);
        set = index >= 0 ? Set(index) : default;
        return index >= 0;
    }

    /// <summary>Its sets as objects, by type number.</summary>
    public List<RRset> RRsets()
    {
        var owner = Owner;
        var sets = new List<RRset>(SetCount);
        for (var i = 0; i < SetCount; i++)
        {
            sets.Add(Set(i).ToRRset(owner));
        }

        sets.Sort(static (a, b) => a.Type.CompareTo(b.Type));
        return sets;
    }

    private int IndexOf(RecordType type)
    {
        var count = SetCount;
        for (var i = 0; i < count; i++)
        {
            if (TypeOf(i) == type)
            {
                return i;
            }
        }

        return -1;
    }
}
