namespace Edge.Dns.Wire;

/// <summary>
/// Which types carry names in their data, and where: what compression, decompression and additional-section
/// processing need to know about types, and all they know.
/// </summary>
public static class RDataNames
{
    /// <summary>A part of a layout: a name that is compressed when written (RFC 1035 §4.1.4).</summary>
    public const sbyte Compressed = -1;

    /// <summary>A part of a layout: a name that may arrive compressed and is never written so (RFC 3597 §4).</summary>
    public const sbyte Plain = -2;

    /// <summary>A part of a layout: a character-string (RFC 1035 §3.3).</summary>
    public const sbyte CharacterString = -3;

    /// <summary>
    /// The parts of a type's data up to its last name: a positive number is that many bytes, the constants above
    /// are the rest. Empty for types whose data holds no name that could be compressed.
    /// </summary>
    public static ReadOnlySpan<sbyte> Layout(RecordType type) => (ushort)type switch
    {
        (ushort)RecordType.NS or (ushort)RecordType.CNAME or (ushort)RecordType.PTR => [Compressed],
        (ushort)RecordType.SOA => [Compressed, Compressed],
        (ushort)RecordType.MX => [2, Compressed],
        // MD, MF, MB, MG, MR and MINFO: obsolete, and of RFC 1035 all the same.
        3 or 4 or 7 or 8 or 9 => [Compressed],
        14 => [Compressed, Compressed],
        (ushort)RecordType.RP => [Plain, Plain],
        (ushort)RecordType.AFSDB => [2, Plain],
        (ushort)RecordType.SRV => [6, Plain],
        (ushort)RecordType.DNAME => [Plain],
        (ushort)RecordType.NAPTR => [4, CharacterString, CharacterString, CharacterString, Plain],
        // RT, PX and KX: RFC 3597 §4 and RFC 2230 §3.1.
        21 or 36 => [2, Plain],
        26 => [2, Plain, Plain],
        _ => [],
    };

    /// <summary>
    /// Offset of the name whose addresses belong into the additional section: NS and MX (RFC 1035 §3.3), SRV
    /// (RFC 2782), SVCB and HTTPS (RFC 9460 §4.1). -1 for all other types.
    /// </summary>
    public static int AdditionalTargetOffset(RecordType type) => type switch
    {
        RecordType.NS => 0,
        RecordType.MX or RecordType.SVCB or RecordType.HTTPS => 2,
        RecordType.SRV => 6,
        _ => -1,
    };

    /// <summary>Length of the uncompressed name at the front of <paramref name="wire"/>, its root byte included; -1 when it does not end there.</summary>
    public static int NameLength(ReadOnlySpan<byte> wire)
    {
        var i = 0;
        while (i < wire.Length && i < Name.MaxWireLength && wire[i] <= Name.MaxLabelLength)
        {
            if (wire[i] == 0)
            {
                return i + 1;
            }

            i += wire[i] + 1;
        }

        return -1;
    }
}
