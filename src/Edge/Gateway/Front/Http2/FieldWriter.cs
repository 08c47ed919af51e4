using System.Buffers.Text;
using System.Text;
using Edge.Observability.Requests;

namespace Edge.Gateway.Front.Http2;

/// <summary>
/// Writes fields so that nobody has to keep them (RFC 7541 section 6.2.2): a table for each connection would cost more than
/// the bytes that it saves, and its hits tell who can watch lengths what a secret begins with (section 7.1).
/// </summary>
/// <param name="into">Where they go; who gives it has counted that they fit.</param>
internal ref struct FieldWriter(Span<byte> into)
{
    private const byte NotKept = 0x00;
    private const byte Secret = 0x10;

    private readonly Span<byte> _into = into;

    public int Length { get; private set; }

    /// <summary>The most that a field of so many bytes takes.</summary>
    public static int MostOf(int nameLength, int valueLength) => nameLength + valueLength + 11;

    /// <summary>The other side's table may be as small as it likes (section 4.2).</summary>
    public void NoTable() => _into[Length++] = 0x20;

    public void Status(int status)
    {
        var index = status switch { 200 => 8, 204 => 9, 206 => 10, 304 => 11, 400 => 12, 404 => 13, 500 => 14, _ => 0 };
        if (index != 0)
        {
            _into[Length++] = (byte)(0x80 | index);
            return;
        }

        Number(StaticTable.Status200, status);
    }

    /// <summary>A field whose name is in the table of both.</summary>
    public void Field(int name, ReadOnlySpan<byte> value)
    {
        Integer(NotKept, 4, name);
        Text(value);
    }

    /// <summary>The same with a number.</summary>
    public void Number(int name, long value)
    {
        Integer(NotKept, 4, name);
        Utf8Formatter.TryFormat(value, _into[(Length + 1)..], out var written);
        _into[Length] = (byte)written;
        Length += 1 + written;
    }

    /// <summary>A field as it is.</summary>
    public void Field(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, bool isSecret)
    {
        _into[Length++] = isSecret ? Secret : NotKept;
        Text(name);
        Text(value);
    }

    /// <summary>A field of HTTP/1.1, whose name may have capital letters (RFC 9113 section 8.2).</summary>
    public void Line(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (StaticTable.Find(name) is > 0 and var index)
        {
            Field(index, value);
            return;
        }

        _into[Length++] = NotKept;
        Integer(0, 7, name.Length);
        Ascii.ToLower(name, _into[Length..], out _);
        Length += name.Length;
        Text(value);
    }

    /// <summary>A field of plain ASCII.</summary>
    public void Line(ReadOnlySpan<byte> name, string value)
    {
        _into[Length++] = NotKept;
        Text(name);
        Value(value);
    }

    public void Line(ReadOnlySpan<byte> name, RequestNumber number)
    {
        _into[Length++] = NotKept;
        Text(name);
        Integer(0, 7, number.Length);
        number.Write(_into[Length..]);
        Length += number.Length;
    }

    public void Field(int name, string value)
    {
        Integer(NotKept, 4, name);
        Value(value);
    }

    private void Value(string value)
    {
        Integer(0, 7, value.Length);
        Length += Encoding.ASCII.GetBytes(value, _into[Length..]);
    }

    private void Text(ReadOnlySpan<byte> text)
    {
        Integer(0, 7, text.Length);
        text.CopyTo(_into[Length..]);
        Length += text.Length;
    }

    // RFC 7541 section 5.1.
    private void Integer(byte kind, int prefix, int value)
    {
        var most = (1 << prefix) - 1;
        if (value < most)
        {
            _into[Length++] = (byte)(kind | value);
            return;
        }

        _into[Length++] = (byte)(kind | most);
        for (value -= most; value >= 0x80; value >>= 7)
        {
            _into[Length++] = (byte)(0x80 | value);
        }

        _into[Length++] = (byte)value;
    }
}
