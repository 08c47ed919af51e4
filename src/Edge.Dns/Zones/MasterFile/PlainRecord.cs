using System.Buffers.Text;
using System.Text;
using Edge.Dns.Wire;
using Edge.Dns.Zones.RecordData;

namespace Edge.Dns.Zones.MasterFile;

/// <summary>
/// Reads a record of a well-known type from one line of plain words, without making objects: what a file of a million
/// names consists of. Whatever is unusual is left to the reader that can say what is wrong.
/// </summary>
internal sealed class PlainRecord
{
    private readonly byte[] _owner = new byte[Name.MaxWireLength];
    private readonly byte[] _data = new byte[Name.MaxWireLength + 2];
    private int _ownerLength;
    private int _dataLength;

    /// <summary>The owner that a line named last, in wire form.</summary>
    public ReadOnlySpan<byte> Owner => _owner.AsSpan(0, _ownerLength);

    /// <summary>Whether the line begins with a space: it belongs to the owner above it.</summary>
    public bool BlankOwner { get; private set; }

    /// <summary>The TTL of the line; null where it has none.</summary>
    public uint? Ttl { get; private set; }

    public RecordType Type { get; private set; }

    public ReadOnlySpan<byte> Data => _data.AsSpan(0, _dataLength);

    /// <summary>Reads a line; false when it is not as plain as that.</summary>
    public bool TryRead(ReadOnlySpan<byte> line, Name origin)
    {
        Span<byte> owner = stackalloc byte[Name.MaxWireLength];
        var ownerLength = 0;
        BlankOwner = line[0] is (byte)' ' or (byte)'\t';
        if (!BlankOwner && !TryReadName(Word(ref line), origin, owner, out ownerLength))
        {
            return false;
        }

        var word = Word(ref line);
        Ttl = null;
        for (var classSeen = false; ; word = Word(ref line))
        {
            if (Ttl is null && Utf8Parser.TryParse(word, out uint ttl, out var used) && used == word.Length && ttl <= TtlText.Max)
            {
                Ttl = ttl;
            }
            else if (!classSeen && word is [(byte)'I' or (byte)'i', (byte)'N' or (byte)'n'])
            {
                classSeen = true;
            }
            else
            {
                break;
            }
        }

        if (!TryReadData(word, ref line, origin) || !Word(ref line).IsEmpty)
        {
            return false;
        }

        if (!BlankOwner)
        {
            owner[..ownerLength].CopyTo(_owner);
            _ownerLength = ownerLength;
        }

        return true;
    }

    private bool TryReadData(scoped ReadOnlySpan<byte> type, ref ReadOnlySpan<byte> line, Name origin)
    {
        switch (type)
        {
            case [(byte)'A']:
                Type = RecordType.A;
                _dataLength = 4;
                return TryReadV4(Word(ref line), _data);
            case [(byte)'A', (byte)'A', (byte)'A', (byte)'A']:
                Type = RecordType.AAAA;
                _dataLength = 16;
                return AddressText.TryParseV6(Encoding.ASCII.GetString(Word(ref line)), _data);
            case [(byte)'N', (byte)'S']:
                Type = RecordType.NS;
                return TryReadName(Word(ref line), origin, _data, out _dataLength);
            case [(byte)'C', (byte)'N', (byte)'A', (byte)'M', (byte)'E']:
                Type = RecordType.CNAME;
                return TryReadName(Word(ref line), origin, _data, out _dataLength);
            case [(byte)'P', (byte)'T', (byte)'R']:
                Type = RecordType.PTR;
                return TryReadName(Word(ref line), origin, _data, out _dataLength);
            case [(byte)'M', (byte)'X']:
                Type = RecordType.MX;
                return TryReadMailExchange(ref line, origin);
            default:
                return false;
        }
    }

    private bool TryReadMailExchange(ref ReadOnlySpan<byte> line, Name origin)
    {
        var word = Word(ref line);
        if (!Utf8Parser.TryParse(word, out ushort preference, out var used) || used != word.Length)
        {
            return false;
        }

        (_data[0], _data[1]) = ((byte)(preference >> 8), (byte)preference);
        var read = TryReadName(Word(ref line), origin, _data.AsSpan(2), out var length);
        _dataLength = 2 + length;
        return read;
    }

    private static ReadOnlySpan<byte> Word(ref ReadOnlySpan<byte> line)
    {
        var start = line.IndexOfAnyExcept((byte)' ', (byte)'\t');
        if (start < 0)
        {
            return line = default;
        }

        line = line[start..];
        var end = line.IndexOfAny((byte)' ', (byte)'\t');
        var word = end < 0 ? line : line[..end];
        line = end < 0 ? default : line[end..];
        return word;
    }

    private static bool TryReadV4(ReadOnlySpan<byte> word, Span<byte> address)
    {
        var part = 0;
        var value = -1;
        foreach (var b in word)
        {
            if (b == (byte)'.')
            {
                if (value < 0 || part == 3)
                {
                    return false;
                }

                address[part++] = (byte)value;
                value = -1;
            }
            else if (!char.IsAsciiDigit((char)b) || value == 0 || (value = (Math.Max(value, 0) * 10) + b - '0') > 255)
            {
                // A leading zero is refused: some programs read it as octal.
                return false;
            }
        }

        address[part] = (byte)Math.Max(value, 0);
        return part == 3 && value >= 0;
    }

    private static bool TryReadName(ReadOnlySpan<byte> word, Name origin, Span<byte> wire, out int length)
    {
        length = 0;
        if (word is [(byte)'@'])
        {
            origin.Wire.CopyTo(wire);
            length = origin.Wire.Length;
            return true;
        }

        var labels = 0;
        while (!word.IsEmpty)
        {
            var dot = word.IndexOf((byte)'.');
            var label = dot < 0 ? word : word[..dot];
            if (label.Length is 0 or > Name.MaxLabelLength || length + label.Length + 2 > Name.MaxWireLength)
            {
                return false;
            }

            wire[length] = (byte)label.Length;
            label.CopyTo(wire[(length + 1)..]);
            length += label.Length + 1;
            labels++;
            if (dot == word.Length - 1)
            {
                wire[length++] = 0;
                return true;
            }

            word = dot < 0 ? default : word[(dot + 1)..];
        }

        return labels > 0 && TryAppend(origin, wire, labels, ref length);
    }

    private static bool TryAppend(Name origin, Span<byte> wire, int labels, ref int length)
    {
        // "www.example.com" without its dot in the zone example.com: a word of warning is due.
        var tail = origin.Wire.Length - 1;
        if (!origin.IsRoot && labels >= origin.LabelCount && length >= tail && NameComparison.Equal(wire[(length - tail)..length], origin.Wire[..tail]))
        {
            return false;
        }

        if (length + origin.Wire.Length > Name.MaxWireLength)
        {
            return false;
        }

        origin.Wire.CopyTo(wire[length..]);
        length += origin.Wire.Length;
        return true;
    }
}
