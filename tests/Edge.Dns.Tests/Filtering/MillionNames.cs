using System.Text;

namespace Edge.Dns.Tests.Filtering;

/// <summary>A hosts file of many names of usual lengths, made while it is read.</summary>
internal sealed class MillionNames(int count) : Stream
{
    private byte[] _line = [];
    private int _used;
    private int _next;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Some 30 letters, more than most names in the big lists of the day have.</summary>
    public static string NameOf(int i) => $"{(i % 3 == 0 ? "www." : "")}t{i}-{(uint)i * 2654435761u % 9973:x}.track{i % 5003}.example";

    public override int Read(byte[] buffer, int offset, int size)
    {
        var filled = 0;
        while (filled < size)
        {
            if (_used == _line.Length)
            {
                if (_next == count)
                {
                    break;
                }

                (_line, _used) = (Encoding.ASCII.GetBytes($"0.0.0.0 {NameOf(_next++)}\n"), 0);
            }

            var part = Math.Min(size - filled, _line.Length - _used);
            _line.AsSpan(_used, part).CopyTo(buffer.AsSpan(offset + filled));
            (filled, _used) = (filled + part, _used + part);
        }

        return filled;
    }

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
