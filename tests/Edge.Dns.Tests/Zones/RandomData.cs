using System.Buffers.Binary;
using System.Text;
using Edge.Dns.Wire;

namespace Edge.Dns.Tests.Zones;

/// <summary>Valid data of every type that has a text form, with all that makes text hard: odd bytes, long strings, extreme numbers.</summary>
/// <param name="seed">What it makes depends on this alone.</param>
/// <param name="tame">Leaves out what NSD 4.6 cannot read: the longest labels and protocols in escapes, capitals in tags of CAA.</param>
internal sealed class RandomData(int seed, bool tame = false)
{
    private static readonly RecordType[] Common = [RecordType.A, RecordType.NS, RecordType.MX, RecordType.TXT, RecordType.AAAA, RecordType.CAA, RecordType.RRSIG, (RecordType)1234, (RecordType)65280];

    private readonly Random _random = new(seed);
    private readonly List<byte> _wire = [];

    /// <summary>The types whose data it makes. A SOA stands at one place only and is no part of it.</summary>
    public static IReadOnlyList<RecordType> Types { get; } =
    [
        RecordType.A, RecordType.AAAA, RecordType.NS, RecordType.CNAME, RecordType.DNAME, RecordType.PTR, RecordType.MX, RecordType.TXT, RecordType.SRV, RecordType.CAA,
        RecordType.TLSA, RecordType.SMIMEA, RecordType.SSHFP, RecordType.NAPTR, RecordType.URI, RecordType.LOC, RecordType.HINFO, RecordType.RP, RecordType.AFSDB,
        RecordType.DS, RecordType.CDS, RecordType.DNSKEY, RecordType.CDNSKEY, RecordType.RRSIG, RecordType.NSEC, RecordType.NSEC3, RecordType.NSEC3PARAM,
        RecordType.OPENPGPKEY, RecordType.CERT, RecordType.DHCID, RecordType.SVCB, RecordType.HTTPS, RecordType.EUI48, RecordType.EUI64, RecordType.CSYNC, RecordType.ZONEMD, (RecordType)65280,
    ];

    public RData Make(RecordType type)
    {
        _wire.Clear();
        switch (type)
        {
            case RecordType.A: Bytes(4); break;
            case RecordType.AAAA: Address6(); break;
            case RecordType.NS or RecordType.CNAME or RecordType.DNAME or RecordType.PTR: Name(); break;
            case RecordType.MX or RecordType.AFSDB: Bytes(2); Name(); break;
            case RecordType.TXT: Repeat(1, 5, () => String(255)); break;
            case RecordType.SRV: Bytes(6); Name(); break;
            case RecordType.CAA: Bytes(1); Tag(); Text(300); break;
            case RecordType.TLSA or RecordType.SMIMEA: Digest([(0, 0), (1, 32), (2, 64)], before: 2); break;
            case RecordType.SSHFP: Digest([(1, 20), (2, 32)], before: 1); break;
            case RecordType.NAPTR: Bytes(4); Ascii("SUAP"); String(60); Ascii("!^.*$!x!"); Name(); break;
            case RecordType.URI: Bytes(4); Text(300, least: 1); break;
            case RecordType.LOC: Location(); break;
            case RecordType.HINFO: String(255); String(255); break;
            case RecordType.RP: Name(); Name(); break;
            case RecordType.DS or RecordType.CDS: Bytes(2); Digest([(1, 20), (2, 32), (4, 48)], before: 1); break;
            case RecordType.DNSKEY or RecordType.CDNSKEY: Add(1, 1, 3, 13); Bytes(64); break;
            case RecordType.RRSIG: Type(Common[_random.Next(Common.Length)]); Add(13, 127); Bytes(14); Name(); Bytes(_random.Next(1, 200)); break;
            case RecordType.NSEC: Name(); Bitmap(); break;
            case RecordType.NSEC3: Add(1, (byte)_random.Next(2)); Bytes(2); Short(20, least: 0); Short(20, least: 20); Bitmap(); break;
            case RecordType.NSEC3PARAM: Add(1, 0); Bytes(2); Short(255, least: 0); break;
            case RecordType.CERT: Bytes(5); Bytes(_random.Next(1, 300)); break;
            case RecordType.SVCB or RecordType.HTTPS: Service(); break;
            case RecordType.EUI48: Bytes(6); break;
            case RecordType.EUI64: Bytes(8); break;
            case RecordType.CSYNC: Bytes(6); Bitmap(); break;
            case RecordType.ZONEMD: Bytes(4); Add(1, 1); Bytes(48); break;
            default: Bytes(_random.Next(1, 300)); break;
        }

        return new RData([.. _wire]);
    }

    private void Add(params byte[] bytes) => _wire.AddRange(bytes);

    private void Bytes(int count)
    {
        for (; count > 0; count--)
        {
            // Zeros and ones are more interesting than chance makes them.
            _wire.Add(_random.Next(6) switch { 0 => 0, 1 => 255, _ => (byte)_random.Next(256) });
        }
    }

    private void Address6()
    {
        for (var i = 0; i < 8; i++)
        {
            Bytes(_random.Next(2) == 0 ? 2 : 0);
            _wire.AddRange(new byte[(i + 1) * 2 - _wire.Count]);
        }
    }

    private void Repeat(int least, int most, Action action)
    {
        for (var i = _random.Next(least, most + 1); i > 0; i--)
        {
            action();
        }
    }

    private byte Odd() => (byte)" \"\\;()@$.,=*\t\n\r\0\u007f\u00e9az09-_"[_random.Next(23)];

    private void Name()
    {
        Repeat(0, 5, () =>
        {
            var label = _random.Next(8) == 0 ? (tame ? 40 : 63) : _random.Next(1, 12);
            if (_wire.Count < 160)
            {
                Add((byte)label);
                for (; label > 0; label--)
                {
                    Add(_random.Next(3) == 0 ? Odd() : (byte)_random.Next('a', 'z'));
                }
            }
        });
        Add(0);
    }

    private void Text(int most, int least = 0)
    {
        for (var i = _random.Next(4) == 0 ? most : _random.Next(least, 20); i > 0; i--)
        {
            _wire.Add(_random.Next(2) == 0 ? Odd() : (byte)_random.Next(256));
        }
    }

    private void String(int most)
    {
        var at = _wire.Count;
        Add(0);
        Text(most);
        _wire[at] = (byte)(_wire.Count - at - 1);
    }

    private void Ascii(string text) => Add([(byte)text.Length, .. Encoding.ASCII.GetBytes(text)]);

    private void Short(int most, int least)
    {
        var length = _random.Next(least, most + 1);
        Add((byte)length);
        Bytes(length);
    }

    private void Tag() => Ascii(new string[] { "issue", tame ? "issuewild" : "IssueWild", "iodef", "x1", "issuemail" }[_random.Next(5)]);

    private void Type(RecordType type) => Add((byte)((ushort)type >> 8), (byte)type);

    private void Digest((byte Kind, int Length)[] kinds, int before)
    {
        Bytes(before);
        var (kind, length) = kinds[_random.Next(kinds.Length)];
        Add(kind);
        Bytes(length == 0 ? _random.Next(1, 100) : length);
    }

    private void Location()
    {
        Add(0);
        for (var i = 0; i < 3; i++)
        {
            var digit = _random.Next(1, 10);
            Add((byte)(digit << 4 | _random.Next(10)));
        }

        Number((uint)(0x80000000L + _random.NextInt64(-90 * 3_600_000L, 90 * 3_600_000L + 1)));
        Number((uint)(0x80000000L + _random.NextInt64(-180 * 3_600_000L, 180 * 3_600_000L + 1)));
        Bytes(4);
    }

    private void Number(uint number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        _wire.AddRange(bytes);
    }

    private void Bitmap()
    {
        foreach (var window in Common.Append((RecordType)_random.Next(1, 65000)).Where(_ => _random.Next(2) == 0).Append(RecordType.A).Select(type => (ushort)type).Distinct().Order().GroupBy(type => type >> 8))
        {
            var bits = new byte[((window.Max() & 255) >> 3) + 1];
            foreach (var type in window)
            {
                bits[(type & 255) >> 3] |= (byte)(0x80 >> (type & 7));
            }

            Add([(byte)window.Key, (byte)bits.Length, .. bits]);
        }
    }

    private void Service()
    {
        if (_random.Next(6) == 0)
        {
            Add(0, 0);
            Name();
            return;
        }

        Add((byte)_random.Next(256), (byte)_random.Next(1, 256));
        Name();
        var keys = new int[] { 1, 3, 4, 5, 6, 7, 9, 10, 667, 65534 }.Where(_ => _random.Next(2) == 0).ToList();
        if (keys.Count > 0 && _random.Next(2) == 0)
        {
            var mandatory = keys.Where(_ => _random.Next(2) == 0).DefaultIfEmpty(keys[0]).SelectMany(key => new[] { (byte)(key >> 8), (byte)key });
            Parameter(0, () => _wire.AddRange(mandatory));
        }

        foreach (var key in keys)
        {
            Parameter(key, () => Value(key));
        }
    }

    private void Parameter(int key, Action value)
    {
        Add((byte)(key >> 8), (byte)key, 0, 0);
        var at = _wire.Count;
        value();
        (_wire[at - 2], _wire[at - 1]) = ((byte)((_wire.Count - at) >> 8), (byte)(_wire.Count - at));
    }

    private void Value(int key)
    {
        switch (key)
        {
            case 9: Add(0, 29, 0, 23, 0x11, 0xEC); break;
            case 1 or 10: Repeat(1, 4, () => { var at = _wire.Count; Add(0); Text(tame ? 100 : 255, least: 1); _wire[at] = (byte)(_wire.Count - at - 1); }); break;
            case 3: Bytes(2); break;
            case 4: Repeat(1, 3, () => Bytes(4)); break;
            case 5: Bytes(_random.Next(1, 100)); break;
            case 6: Repeat(1, 3, () => Bytes(16)); break;
            case 7: Add([.. "/dns-query{?dns}"u8]); break;
            default: Text(300, least: 1); break;
        }
    }
}
