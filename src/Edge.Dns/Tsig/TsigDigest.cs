using System.Buffers.Binary;
using System.Security.Cryptography;
using Edge.Dns.Wire;

namespace Edge.Dns.Tsig;

/// <summary>What a signature covers, added piece by piece (RFC 8945 §4.3).</summary>
internal sealed class TsigDigest : IDisposable
{
    private readonly IncrementalHash _mac;

    public TsigDigest(TsigKey key) => _mac = key.StartMac();

    /// <summary>The signature that went before, with its length in front (RFC 8945 §5.3.1, §5.4.1).</summary>
    public void AddPrior(ReadOnlySpan<byte> mac)
    {
        Span<byte> length = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)mac.Length);
        _mac.AppendData(length);
        _mac.AppendData(mac);
    }

    /// <summary>A message that has no TSIG record, or not yet.</summary>
    public void AddMessage(ReadOnlySpan<byte> message) => _mac.AppendData(message);

    /// <summary>A signed message as it was before it was signed: its own number, and the record not counted (RFC 8945 §4.3.2).</summary>
    public void AddMessage(ReadOnlySpan<byte> message, TsigRecord record)
    {
        Span<byte> header = stackalloc byte[MessageHeader.Length];
        message[..MessageHeader.Length].CopyTo(header);
        BinaryPrimitives.WriteUInt16BigEndian(header, record.OriginalId);
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], (ushort)(BinaryPrimitives.ReadUInt16BigEndian(header[10..]) - 1));
        _mac.AppendData(header);
        _mac.AppendData(message[MessageHeader.Length..record.Offset]);
    }

    /// <summary>The variables of the record, names in canonical form (RFC 8945 §4.3.3).</summary>
    public void AddVariables(TsigRecord record)
    {
        AddCanonical(record.Key);
        Span<byte> classAndTtl = [0, (byte)RecordClass.Any, 0, 0, 0, 0];
        _mac.AppendData(classAndTtl);
        AddCanonical(record.Algorithm);
        AddTimers(record);
        Span<byte> errorAndLength = stackalloc byte[4];
        BinaryPrimitives.WriteUInt16BigEndian(errorAndLength, (ushort)record.Error);
        BinaryPrimitives.WriteUInt16BigEndian(errorAndLength[2..], (ushort)record.Other.Length);
        _mac.AppendData(errorAndLength);
        _mac.AppendData(record.Other);
    }

    /// <summary>All that the second and later messages of an exchange cover of their record (RFC 8945 §5.3.1).</summary>
    public void AddTimers(TsigRecord record)
    {
        Span<byte> timers = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(timers, (record.Time << 16) | record.Fudge);
        _mac.AppendData(timers);
    }

    /// <summary>The signature of all that was added; the digest is empty then.</summary>
    public byte[] Finish() => _mac.GetHashAndReset();

    public void Dispose() => _mac.Dispose();

    // A length byte is at most 63 and thus no letter.
    private void AddCanonical(Name name)
    {
        Span<byte> lower = stackalloc byte[Name.MaxWireLength];
        var wire = name.Wire;
        for (var i = 0; i < wire.Length; i++)
        {
            lower[i] = wire[i] is >= (byte)'A' and <= (byte)'Z' ? (byte)(wire[i] | 0x20) : wire[i];
        }

        _mac.AppendData(lower[..wire.Length]);
    }
}
