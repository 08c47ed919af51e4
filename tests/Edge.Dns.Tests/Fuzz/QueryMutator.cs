using System.Buffers.Binary;
using Edge.Dns.Wire;

namespace Edge.Dns.Tests.Fuzz;

/// <summary>
/// Makes packets that nobody should send out of ones that somebody does: it knows where header, names, types and options
/// stand, and breaks those. The tests of the whole program use it too.
/// </summary>
public sealed class QueryMutator(Random random, params string[] names)
{
    private const int MostBytes = 4096;

    private static readonly byte[] TellingBytes = [0, 1, 12, 0x3F, 0x40, 0x7F, 0x80, 0xBF, 0xC0, 0xFF];
    private static readonly ushort[] TellingTypes = [0, 1, 2, 5, 6, 28, 33, 39, 41, 43, 46, 48, 64, 65, 249, 250, 251, 252, 255, 65280, 65535];
    private static readonly ushort[] Options = [3, 5, 8, 9, 10, 11, 12, 15, 16, 20, 65001];
    private static readonly byte[] Opcodes = [0, 1, 2, 4, 5, 6, 15];

    /// <summary>A query as it should be, about one of the names or something near it.</summary>
    public byte[] Query()
    {
        var packet = new List<byte>(new byte[MessageHeader.Length]);
        (packet[0], packet[1], packet[2], packet[5]) = (Any(), Any(), (byte)random.Next(2), 1);
        packet.AddRange(NameBytes());
        Add16(packet, random.Next(4) == 0 ? TellingTypes[random.Next(TellingTypes.Length)] : (ushort)1);
        Add16(packet, 1);
        return random.Next(2) == 0 ? WithOpt([.. packet], whole: true) : [.. packet];
    }

    /// <summary>One to five changes to a packet; parts of <paramref name="other"/> may come into it.</summary>
    public byte[] Mutate(byte[] packet, byte[] other)
    {
        packet = [.. packet];
        for (var changes = random.Next(1, 6); changes > 0; changes--)
        {
            packet = Change(packet, other);
        }

        return packet.Length > MostBytes ? packet[..MostBytes] : packet;
    }

    private byte[] Change(byte[] packet, byte[] other) => random.Next(14) switch
    {
        0 => At(packet, i => packet[i] ^= (byte)(1 << random.Next(8))),
        1 => At(packet, i => packet[i] = Any()),
        2 => At(packet, i => packet[i] = TellingBytes[random.Next(TellingBytes.Length)]),
        3 => Insert(packet, random.Next(packet.Length + 1), Bytes(random.Next(1, 20))),
        4 => Cut(packet, random.Next(packet.Length + 1), random.Next(1, 20)),
        5 => packet[..random.Next(packet.Length + 1)],
        6 => [.. packet[..random.Next(packet.Length + 1)], .. other[random.Next(other.Length + 1)..]],
        7 => Counts(packet),
        8 => Replaced(packet, NameBytes()),
        9 => WithOpt(packet, whole: random.Next(3) > 0),
        10 => WithRecord(packet),
        11 => Flags(packet),
        12 => Insert(packet, Math.Min(packet.Length, MessageHeader.Length), [0xC0, (byte)random.Next(40)]),
        _ => [.. packet, .. Bytes(random.Next(1, 60))],
    };

    private byte[] At(byte[] packet, Action<int> change)
    {
        if (packet.Length > 0)
        {
            change(random.Next(packet.Length));
        }

        return packet;
    }

    private byte[] Counts(byte[] packet)
    {
        if (packet.Length >= MessageHeader.Length)
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4 + (2 * random.Next(4))), random.Next(3) == 0 ? (ushort)random.Next(65536) : (ushort)random.Next(4));
        }

        return packet;
    }

    private byte[] Flags(byte[] packet)
    {
        if (packet.Length >= 4)
        {
            packet[2] = random.Next(2) == 0 ? (byte)((Opcodes[random.Next(Opcodes.Length)] << 3) | random.Next(8)) : Any();
            packet[3] = Any();
        }

        return packet;
    }

    // The question's name, if there is one that ends, gives way to another.
    private static byte[] Replaced(byte[] packet, byte[] name)
    {
        var end = MessageHeader.Length;
        while (end < packet.Length && packet[end] is not 0 and <= 63)
        {
            end += packet[end] + 1;
        }

        return end < packet.Length ? [.. packet[..MessageHeader.Length], .. name, .. packet[(end + 1)..]] : packet;
    }

    private byte[] WithOpt(byte[] packet, bool whole)
    {
        var options = new List<byte>();
        for (var count = random.Next(4); count > 0; count--)
        {
            var data = Bytes(random.Next(5) switch { 0 => 0, 1 => 8, 2 => 24, 3 => 2, _ => random.Next(40) });
            Add16(options, Options[random.Next(Options.Length)]);
            Add16(options, (ushort)(data.Length + (whole ? 0 : random.Next(3) - 1)));
            options.AddRange(data);
        }

        var record = new List<byte> { 0 };
        Add16(record, (ushort)RecordType.OPT);
        Add16(record, (ushort)random.Next(65536));
        record.AddRange([0, whole ? (byte)0 : (byte)random.Next(3), random.Next(2) == 0 ? (byte)0x80 : (byte)0, 0]);
        Add16(record, (ushort)(options.Count + (whole ? 0 : random.Next(3) - 1)));
        return Joined(packet, [.. record, .. options], section: 3);
    }

    // Any record in any section: an answer in a query, a prerequisite, a signature that is none.
    private byte[] WithRecord(byte[] packet)
    {
        var record = new List<byte>(random.Next(2) == 0 ? [0xC0, 12] : NameBytes());
        Add16(record, TellingTypes[random.Next(TellingTypes.Length)]);
        Add16(record, random.Next(3) switch { 0 => 255, 1 => 254, _ => 1 });
        record.AddRange(Bytes(4));
        var data = random.Next(3) == 0 ? NameBytes() : Bytes(random.Next(60));
        Add16(record, (ushort)(data.Length + (random.Next(6) == 0 ? random.Next(3) - 1 : 0)));
        return Joined(packet, [.. record, .. data], random.Next(1, 4));
    }

    private static byte[] Joined(byte[] packet, byte[] record, int section)
    {
        byte[] joined = [.. packet, .. record];
        if (packet.Length >= MessageHeader.Length)
        {
            joined[5 + (2 * section)]++;
        }

        return joined;
    }

    private byte[] NameBytes()
    {
        var labels = new List<byte[]>();
        for (var count = random.Next(6) == 0 ? random.Next(1, 30) : random.Next(3); count > 0; count--)
        {
            labels.Add(random.Next(4) == 0 ? Bytes(random.Next(1, 64)) : [(byte)random.Next('a', 'z' + 1)]);
        }

        var name = labels.SelectMany(label => (byte[])[(byte)label.Length, .. label]).ToList();
        var below = names.Length == 0 ? Name.Root : Name.Parse(names[random.Next(names.Length)]);
        return [.. name.Take(Name.MaxWireLength - below.Wire.Length), .. below.Wire];
    }

    private static byte[] Insert(byte[] packet, int at, byte[] bytes) => [.. packet[..at], .. bytes, .. packet[at..]];

    private static byte[] Cut(byte[] packet, int at, int count) => [.. packet[..at], .. packet[Math.Min(packet.Length, at + count)..]];

    private static void Add16(List<byte> bytes, ushort value) => bytes.AddRange([(byte)(value >> 8), (byte)value]);

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private byte Any() => (byte)random.Next(256);
}
