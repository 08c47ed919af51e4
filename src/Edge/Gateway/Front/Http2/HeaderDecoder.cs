namespace Edge.Gateway.Front.Http2;

/// <summary>Reads the fields that a client sends (RFC 7541). What it tells to keep lasts as long as its connection.</summary>
internal sealed class HeaderDecoder
{
    // No integer of a block that may be taken needs more (section 5.1).
    private const int MostShift = 21;

    private readonly DynamicTable _table = new();

    /// <summary>Reads a block.</summary>
    /// <exception cref="ConnectionFault">It is none, or has too much in it.</exception>
    public void Decode(ReadOnlySpan<byte> block, FieldList into)
    {
        into.Clear();
        while (!block.IsEmpty)
        {
            var first = block[0];
            if ((first & 0x80) != 0)
            {
                // An indexed field (section 6.1).
                Take(Integer(ref block, 7), into);
            }
            else if ((first & 0x40) != 0)
            {
                // One to be kept (section 6.2.1).
                var field = Literal(ref block, 6, isSecret: false, into);
                _table.Add(into.Name(field), into.Value(field));
            }
            else if ((first & 0x20) != 0)
            {
                // A change of the table, before all fields (section 4.2).
                if (!_table.TryResize(Integer(ref block, 5)) || into.Count > 0)
                {
                    throw Wrong("A table's size that may not be.");
                }
            }
            else
            {
                // One that is not kept here, or by nobody (sections 6.2.2 and 6.2.3).
                Literal(ref block, 4, isSecret: (first & 0x10) != 0, into);
            }

            if (into.Size > FieldList.Most)
            {
                throw new ConnectionFault(ErrorCode.Protocol, "A request with too many fields.");
            }
        }
    }

    private static ConnectionFault Wrong(string reason) => new(ErrorCode.Compression, reason);

    private void Take(int index, FieldList into)
    {
        var name = NameOf(index);
        var value = index <= StaticTable.Count ? StaticTable.Value(index) : _table.Value(index - StaticTable.Count - 1);
        name.CopyTo(into.Room(0, name.Length));
        value.CopyTo(into.Room(name.Length, value.Length));
        into.Add(name.Length, value.Length, isSecret: false);
    }

    private int Literal(ref ReadOnlySpan<byte> block, int prefix, bool isSecret, FieldList into)
    {
        var index = Integer(ref block, prefix);
        int nameLength;
        if (index == 0)
        {
            nameLength = Text(ref block, 0, into);
        }
        else
        {
            var name = NameOf(index);
            name.CopyTo(into.Room(0, name.Length));
            nameLength = name.Length;
        }

        return into.Add(nameLength, Text(ref block, nameLength, into), isSecret);
    }

    private ReadOnlySpan<byte> NameOf(int index)
    {
        if (index == 0 || index > StaticTable.Count + _table.Count)
        {
            throw Wrong("An index of nothing.");
        }

        return index <= StaticTable.Count ? StaticTable.Name(index) : _table.Name(index - StaticTable.Count - 1);
    }

    // A string (section 5.2), into the list behind what belongs to the same field.
    private static int Text(ref ReadOnlySpan<byte> block, int behind, FieldList into)
    {
        var isCoded = !block.IsEmpty && (block[0] & 0x80) != 0;
        var length = Integer(ref block, 7);
        if (length > block.Length)
        {
            throw Wrong("A string that is longer than its block.");
        }

        var bytes = block[..length];
        block = block[length..];
        if (!isCoded)
        {
            bytes.CopyTo(into.Room(behind, length));
            return length;
        }

        var count = HuffmanCode.Decode(bytes, into.Room(behind, HuffmanCode.MostOf(length)));
        return count >= 0 ? count : throw Wrong("A string in no code.");
    }

    private static int Integer(ref ReadOnlySpan<byte> block, int prefix)
    {
        var most = (1 << prefix) - 1;
        var value = block.IsEmpty ? throw Wrong("A block that ends too early.") : block[0] & most;
        block = block[1..];
        for (var shift = value == most ? 0 : -1; shift >= 0; shift += 7)
        {
            if (block.IsEmpty || shift > MostShift)
            {
                throw Wrong("An integer without an end.");
            }

            var next = block[0];
            block = block[1..];
            value += (next & 0x7F) << shift;
            if ((next & 0x80) == 0)
            {
                break;
            }
        }

        return value;
    }
}
