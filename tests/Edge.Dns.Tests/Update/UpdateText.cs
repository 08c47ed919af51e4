using System.Buffers.Binary;
using System.Globalization;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Xunit;

namespace Edge.Dns.Tests.Update;

/// <summary>
/// UPDATE messages from lines as nsupdate takes them: "prereq nxdomain www", "prereq yxrrset www A 192.0.2.1",
/// "add www 300 A 192.0.2.1", "delete www", "delete www A", "delete www A 192.0.2.1". And "raw SECTION OWNER TYPE CLASS TTL
/// HEX" for what nsupdate would never send.
/// </summary>
internal static class UpdateText
{
    public static byte[] Message(Name zone, params IEnumerable<string> lines) => Message(zone, RecordType.SOA, lines);

    public static byte[] Message(Name zone, RecordType zoneType, IEnumerable<string> lines)
    {
        var sections = new List<byte[]>[] { [], [] };
        foreach (var line in lines)
        {
            var (section, record) = Record(line.Split(' ', StringSplitOptions.RemoveEmptyEntries), zone);
            sections[section].Add(record);
        }

        var header = new byte[MessageHeader.Length];
        new MessageHeader(0x4242, MessageFlags.None, Opcode.Update, Rcode.NoError, 1, (ushort)sections[0].Count, (ushort)sections[1].Count, 0).Write(header);
        return [.. header, .. zone.Wire, .. UInt16((ushort)zoneType), 0, 1, .. sections[0].SelectMany(bytes => bytes), .. sections[1].SelectMany(bytes => bytes)];
    }

    private static (int Section, byte[] Record) Record(string[] words, Name zone) => words switch
    {
        ["prereq", "yxdomain", var owner] => (0, Bytes(owner, zone, RecordType.ANY, RecordClass.Any, 0, [])),
        ["prereq", "nxdomain", var owner] => (0, Bytes(owner, zone, RecordType.ANY, RecordClass.None, 0, [])),
        ["prereq", "nxrrset", var owner, var type] => (0, Bytes(owner, zone, Type(type), RecordClass.None, 0, [])),
        ["prereq", "yxrrset", var owner, var type] => (0, Bytes(owner, zone, Type(type), RecordClass.Any, 0, [])),
        ["prereq", "yxrrset", var owner, var type, .. var data] => (0, Bytes(owner, zone, Type(type), RecordClass.IN, 0, Data(type, data, zone))),
        ["add", var owner, var ttl, var type, .. var data] => (1, Bytes(owner, zone, Type(type), RecordClass.IN, uint.Parse(ttl, CultureInfo.InvariantCulture), Data(type, data, zone))),
        ["delete", var owner] => (1, Bytes(owner, zone, RecordType.ANY, RecordClass.Any, 0, [])),
        ["delete", var owner, var type] => (1, Bytes(owner, zone, Type(type), RecordClass.Any, 0, [])),
        ["delete", var owner, var type, .. var data] => (1, Bytes(owner, zone, Type(type), RecordClass.None, 0, Data(type, data, zone))),
        ["raw", var section, var owner, var type, var @class, var ttl, .. var hex] =>
            (section == "prereq" ? 0 : 1, Bytes(owner, zone, Type(type), (RecordClass)ushort.Parse(@class, CultureInfo.InvariantCulture), uint.Parse(ttl, CultureInfo.InvariantCulture), Convert.FromHexString(string.Concat(hex)))),
        _ => throw new ArgumentException("not a line of an update: " + string.Join(' ', words)),
    };

    private static byte[] Bytes(string owner, Name zone, RecordType type, RecordClass @class, uint ttl, ReadOnlySpan<byte> data)
    {
        Assert.True(Name.TryParse(owner, zone, out var name, out var error), error);
        var four = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(four, ttl);
        return [.. name.Wire, .. UInt16((ushort)type), .. UInt16((ushort)@class), .. four, .. UInt16((ushort)data.Length), .. data];
    }

    private static RecordType Type(string text)
    {
        Assert.True(RecordText.TryParseType(text, out var type), text);
        return type;
    }

    private static ReadOnlySpan<byte> Data(string type, string[] words, Name zone)
    {
        Assert.True(RecordText.TryParseData(Type(type), string.Join(' ', words), zone, out var data, out var error), error);
        return data.Wire;
    }

    private static byte[] UInt16(ushort value) => [(byte)(value >> 8), (byte)value];
}
