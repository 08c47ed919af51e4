using System.Buffers;
using System.Buffers.Text;
using System.Net;
using System.Text;
using Edge.Observability.Requests;

namespace Edge.Gateway.Straight;

/// <summary>Writes the head of a request (RFC 9112 section 2.1). What does not fit, or is not plain ASCII, makes it void.</summary>
internal ref struct HeadWriter(Span<byte> into)
{
    // Control characters but the tab end a line, or a value, for some readers (RFC 9110 section 5.5).
    private static readonly SearchValues<char> Dangerous = SearchValues.Create([.. Enumerable.Range(0, 0x20).Append(0x7F).Except([0x09]).Select(code => (char)code)]);

    private readonly Span<byte> _into = into;
    private bool _isVoid;

    public int Length { get; private set; }

    /// <summary>Whether nothing may be sent of it.</summary>
    public readonly bool IsVoid => _isVoid;

    public void Bytes(scoped ReadOnlySpan<byte> bytes)
    {
        if (bytes.TryCopyTo(_into[Length..]))
        {
            Length += bytes.Length;
        }
        else
        {
            _isVoid = true;
        }
    }

    public void Text(ReadOnlySpan<char> text)
    {
        if (!text.ContainsAny(Dangerous) && Ascii.FromUtf16(text, _into[Length..], out var written) == OperationStatus.Done)
        {
            Length += written;
        }
        else
        {
            _isVoid = true;
        }
    }

    public void Header(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        Text(name);
        Bytes(": "u8);
        Text(value);
        Bytes("\r\n"u8);
    }

    public void Header(ReadOnlySpan<byte> name, ReadOnlySpan<char> value)
    {
        Bytes(name);
        Text(value);
        Bytes("\r\n"u8);
    }

    public void Header(ReadOnlySpan<byte> name, RequestNumber number)
    {
        Bytes(name);
        if (number.Length <= _into.Length - Length)
        {
            number.Write(_into[Length..]);
            Length += number.Length;
        }
        else
        {
            _isVoid = true;
        }

        Bytes("\r\n"u8);
    }

    /// <summary>A line of bytes that are known to be good.</summary>
    public void Field(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value)
    {
        Bytes(name);
        Bytes(": "u8);
        Bytes(value);
        Bytes("\r\n"u8);
    }

    public void Number(long number)
    {
        if (Utf8Formatter.TryFormat(number, _into[Length..], out var written))
        {
            Length += written;
        }
        else
        {
            _isVoid = true;
        }
    }

    public void Header(ReadOnlySpan<byte> name, IPAddress address)
    {
        Bytes(name);
        if (address.TryFormat(_into[Length..], out var written))
        {
            Length += written;
        }
        else
        {
            _isVoid = true;
        }

        Bytes("\r\n"u8);
    }
}
