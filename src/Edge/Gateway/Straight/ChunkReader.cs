using System.Globalization;

namespace Edge.Gateway.Straight;

/// <summary>Reads the framing of a body in chunks (RFC 9112 section 7.1).</summary>
internal struct ChunkReader
{
    private const int AtSize = 0;
    private const int InData = 1;
    private const int AfterData = 2;
    private const int InTrailer = 3;

    // As much as the head of an answer may have.
    private const int MostTrailers = 16 * 1024;

    private int _state;
    private int _trailers;

    /// <summary>Bytes of the current chunk that are still to come.</summary>
    public long Left { get; private set; }

    /// <summary>Says what the bytes begin with.</summary>
    /// <param name="received">What was received and not used yet.</param>
    /// <param name="used">So many of them are done with.</param>
    /// <param name="data">
    /// With <see cref="ChunkStep.Data"/>: up to so many bytes of the body follow; <see cref="Took"/> says how many were taken.
    /// With <see cref="ChunkStep.Trailer"/>: where its line begins, which ends what is used.
    /// </param>
    public ChunkStep Next(ReadOnlySpan<byte> received, out int used, out long data)
    {
        (used, data) = (0, 0);
        while (true)
        {
            if (_state == InData)
            {
                data = Left;
                return received.Length > used ? ChunkStep.Data : ChunkStep.NeedsMore;
            }

            var rest = received[used..];
            var feed = rest.IndexOf((byte)'\n');
            if (feed < 0)
            {
                return ChunkStep.NeedsMore;
            }

            var line = rest[..feed];
            line = line.EndsWith("\r"u8) ? line[..^1] : line;
            (data, used) = (used, used + feed + 1);
            if (_state == InTrailer)
            {
                _trailers += feed + 1;
                return line.IsEmpty ? ChunkStep.End : _trailers > MostTrailers ? ChunkStep.Malformed : ChunkStep.Trailer;
            }

            if (_state == AfterData ? !line.IsEmpty : !TryBegin(line))
            {
                return ChunkStep.Malformed;
            }

            _state = _state == AfterData ? AtSize : Left == 0 ? InTrailer : InData;
        }
    }

    /// <summary>So many bytes of the chunk were taken.</summary>
    public void Took(long count)
    {
        Left -= count;
        if (_state == InData && Left == 0)
        {
            _state = AfterData;
        }
    }

    // The size in hexadecimal, and extensions that mean nothing to anybody.
    private bool TryBegin(ReadOnlySpan<byte> line)
    {
        var end = line.IndexOf((byte)';');
        var size = (end < 0 ? line : line[..end]).TrimEnd(" \t"u8);
        var isRead = long.TryParse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var left) && size.Length < 16;
        Left = left;
        return isRead;
    }
}
