using System.Globalization;
using System.Text;

namespace Edge.Observability.Requests;

/// <summary>
/// The number of a request as the web server writes it: its connection's, and the how many-th it is there. Written where it is
/// needed: a string of each request would live until its line is in the log, which costs the garbage collector more than all else.
/// </summary>
/// <param name="Connection">The connection's name.</param>
/// <param name="Count">From 1 on; 0 where <paramref name="Connection"/> says all.</param>
internal readonly record struct RequestNumber(string Connection, int Count)
{
    private const int Digits = 8;

    /// <summary>Its bytes and characters.</summary>
    public int Length => Connection.Length + (Count > 0 ? 1 + Digits : 0);

    /// <summary>Writes it to the front of <paramref name="into"/>, which has room for <see cref="Length"/>.</summary>
    public void Write(Span<char> into)
    {
        Connection.CopyTo(into);
        if (Count > 0)
        {
            into[Connection.Length] = ':';
            Count.TryFormat(into[(Connection.Length + 1)..], out _, "X8", CultureInfo.InvariantCulture);
        }
    }

    /// <summary>The same as ASCII, which all its characters are.</summary>
    public void Write(Span<byte> into)
    {
        Ascii.FromUtf16(Connection, into, out var written);
        if (Count > 0)
        {
            into[written] = (byte)':';
            Count.TryFormat(into[(written + 1)..], out _, "X8", CultureInfo.InvariantCulture);
        }
    }

    public override string ToString() => Count == 0 ? Connection : string.Create(Length, this, static (text, number) => number.Write(text));
}
