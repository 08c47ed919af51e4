using Edge.Dns.Wire;
using Edge.Dns.Zones.RecordData;

namespace Edge.Dns.Zones.MasterFile;

/// <summary>What stands between owner and data: TTL and class in either order, both optional, and the type (RFC 1035 §5.1).</summary>
/// <param name="Ttl">The TTL in seconds; null where the line has none.</param>
/// <param name="Type">The type.</param>
internal sealed record RecordHead(uint? Ttl, RecordType Type)
{
    /// <summary>Reads the head; null after noting what is wrong.</summary>
    public static RecordHead? Read(FieldReader from, bool blankOwner, ZoneFileTtl ttls)
    {
        uint? ttl = null;
        var classSeen = false;
        while (true)
        {
            if (from.AtEnd)
            {
                from.Fail("the record has no type", "NAME TTL TYPE DATA, as in: nas 1h A 192.0.2.10");
                return null;
            }

            from.TryTake("type", out var token);
            if (ttl is null && !token.Quoted && TtlText.TryParse(token.Text, out _))
            {
                if (!ttls.TryRead(token.Text, from, out var seconds))
                {
                    return null;
                }

                ttl = seconds;
            }
            else if (!classSeen && !token.Quoted && IsClass(token.Text, out var served))
            {
                if (!served)
                {
                    FailClass(from, token.Text);
                    return null;
                }

                classSeen = true;
            }
            else
            {
                return TryReadType(token, from, blankOwner, out var type) ? new RecordHead(ttl, type) : null;
            }
        }
    }

    private static bool IsClass(string text, out bool served)
    {
        served = text.Equals("IN", StringComparison.OrdinalIgnoreCase) || text.Equals("CLASS1", StringComparison.OrdinalIgnoreCase);
        return served || text.ToUpperInvariant() is "CH" or "HS" or "CS" or "CHAOS" or "HESIOD"
            || (text.StartsWith("CLASS", StringComparison.OrdinalIgnoreCase) && ushort.TryParse(text.AsSpan(5), out _));
    }

    private static bool FailClass(FieldReader from, string shown) =>
        from.Fail($"only class IN is served, not {shown}", "write IN, or leave the class out");

    private static bool TryReadType(ZoneFileToken token, FieldReader from, bool blankOwner, out RecordType type)
    {
        var shown = ZoneFileReader.Display(token.Text);
        if (RecordTypeText.TryParse(token.Text, out type))
        {
            return !RecordTypeText.IsMeta(type) || from.Fail($"{shown.ToUpperInvariant()} exists only in queries, never in a zone");
        }

        if (!token.Quoted && IsClass(token.Text, out var served))
        {
            return served
                ? from.Fail($"the class {shown} stands here twice", "leave one out")
                : FailClass(from, shown);
        }

        Span<byte> address = stackalloc byte[16];
        if (AddressText.TryParseV4(token.Text, address) || AddressText.TryParseV6(token.Text, address))
        {
            var family = token.Text.Contains(':') ? "AAAA" : "A";
            return from.Fail($"the type is missing before the address {shown}", $"write {family} {shown}");
        }

        if (token.Text.Length > 0 && char.IsAsciiDigit(token.Text[0]))
        {
            return from.Fail($"\"{shown}\" is no TTL and no type", "a TTL is seconds, or numbers with s m h d w: 1h30m");
        }

        // An indented line belongs to the owner above; people who indent for beauty put the name where the type should be.
        if (blankOwner && (RecordTypeText.TryParse(from.Peek.Text, out _) || IsClass(from.Peek.Text, out _) || TtlText.TryParse(from.Peek.Text, out _)))
        {
            return from.Fail($"\"{shown}\" is no record type", "a line that begins with a space belongs to the owner above it: remove the space if this is a name");
        }

        return from.Fail($"\"{shown}\" is no record type", RecordTypeText.Suggest(token.Text) ?? "a type without a name is written TYPE123 (RFC 3597)");
    }
}
