using System.Text;
using Edge.Dns.Files;

namespace Edge.Names.Leases;

/// <summary>One file of a lease database, read line by line: from its beginning, or on from where it ended last time.</summary>
/// <param name="path">Where it is.</param>
/// <param name="shownAs">Its path as the user knows it.</param>
internal sealed class LeasePart(string path, string shownAs)
{
    /// <summary>What it may hold.</summary>
    public const int MostBytes = 64 << 20;

    private const int TailLength = 64;

    private long _offset;
    private int _lines;
    private byte[] _tail = [];

    public string ShownAs => shownAs;

    /// <summary>Whether the file ended in the middle of a line.</summary>
    public bool IsUnfinished { get; private set; }

    /// <summary>What tells its state now from others, without reading it.</summary>
    public string Stamp() => FileFingerprint.Of(path);

    /// <summary>Reads all lines there are, from the first one.</summary>
    /// <exception cref="IOException">It cannot be read, or is too large.</exception>
    public void ReadAll(Action<string, int> line)
    {
        (_offset, _lines, _tail) = (0, 0, []);
        TryReadOn(line);
    }

    /// <summary>Reads the lines that came since; false when what was read before stands there no longer.</summary>
    /// <exception cref="IOException">It cannot be read, or is too large.</exception>
    public bool TryReadOn(Action<string, int> line)
    {
        using var file = OrdinaryFile.Open(path, MostBytes);
        var length = file.Length;
        var from = _offset - _tail.Length;
        if (length < _offset)
        {
            return false;
        }

        file.Position = from;
        var bytes = new byte[length - from];
        var read = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (!bytes.AsSpan(0, read).StartsWith(_tail))
        {
            return false;
        }

        Take(bytes.AsSpan(_tail.Length..read), line);
        return true;
    }

    private void Take(ReadOnlySpan<byte> bytes, Action<string, int> line)
    {
        var end = bytes.LastIndexOf((byte)'\n') + 1;
        IsUnfinished = end < bytes.Length;
        var whole = bytes[..end];
        while (!whole.IsEmpty)
        {
            var length = whole.IndexOf((byte)'\n');
            line(Encoding.UTF8.GetString(whole[..length]), ++_lines);
            whole = whole[(length + 1)..];
        }

        if (end > 0)
        {
            _offset += end;
            _tail = bytes[Math.Max(0, end - TailLength)..end].ToArray();
        }
    }
}
