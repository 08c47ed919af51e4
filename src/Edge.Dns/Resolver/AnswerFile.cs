using System.Buffers.Binary;
using System.Security.Cryptography;
using Edge.Dns.Files;
using Edge.Dns.Wire;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Resolver;

/// <summary>
/// The cache on the disk, so that after a restart without internet the names the house uses still have answers. A
/// file that cannot be read is as good as none: what is in it can be asked again.
/// </summary>
internal sealed partial class AnswerFile(string path, TimeProvider time, ILogger log)
{
    private const int HashLength = SHA256.HashSizeInBytes;
    private const int EntryLength = 33;
    private static readonly byte[] Magic = "EDGEDNS2"u8.ToArray();
    private const int HeadLength = 8 + AnswerBasis.Length + 8;
    private const int BufferSize = 64 << 10;
    private const int LongestEntry = EntryLength + (2 * ushort.MaxValue);
    private const byte InUseBit = 1;
    private const byte UnjudgedBit = 2;
    private int _savedChanges = -1;
    private byte[] _savedBasis = [];

    /// <summary>Writes what the cache holds, unless nothing has changed since the last time. Failures are told and change nothing.</summary>
    /// <param name="cache">The cache.</param>
    /// <param name="basis">What its answers rest on, of <see cref="AnswerBasis"/>.</param>
    /// <param name="now">Its clock.</param>
    public void Save(AnswerCache cache, byte[] basis, long now)
    {
        var changes = cache.Changes;
        if (changes == _savedChanges && basis.AsSpan().SequenceEqual(_savedBasis))
        {
            return;
        }

        try
        {
            DurableFile.MakeFolder(Path.GetDirectoryName(path)!);
            DurableFile.Write(path, stream => Write(stream, cache.Entries(), basis, now), flush: false);
            (_savedChanges, _savedBasis) = (changes, basis);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Log.NotSaved(log, path, error.Message);
        }
    }

    /// <summary>Puts what is in the file into the cache; what is there already is newer and stays.</summary>
    /// <param name="cache">The cache.</param>
    /// <param name="basis">What answers rest on now; those of another basis are left alone.</param>
    /// <param name="now">Its clock.</param>
    /// <param name="maxStale">What ended longer ago is left out.</param>
    public void Load(AnswerCache cache, byte[] basis, long now, TimeSpan maxStale)
    {
        try
        {
            if (!File.Exists(path))
            {
                return;
            }

            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, BufferSize);
            if (!IsWhole(file) || !TryRead(file, cache, basis, now, (long)maxStale.TotalMilliseconds))
            {
                Log.NotRead(log, path, "it is damaged");
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Log.NotRead(log, path, error.Message);
        }
    }

    private void Write(Stream stream, IEnumerable<CachedAnswer> entries, byte[] basis, long now)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var clock = time.GetUtcNow().ToUnixTimeMilliseconds();
        Span<byte> head = stackalloc byte[EntryLength];
        BinaryPrimitives.WriteInt64BigEndian(head, clock);
        Put(Magic);
        Put(basis);
        Put(head[..8]);
        foreach (var entry in entries)
        {
            if (entry.Failures > 0)
            {
                continue;
            }

            BinaryPrimitives.WriteInt64BigEndian(head, entry.StoredAt - now + clock);
            BinaryPrimitives.WriteInt64BigEndian(head[8..], entry.ExpiresAt - now + clock);
            BinaryPrimitives.WriteInt64BigEndian(head[16..], entry.Lifetime);
            BinaryPrimitives.WriteUInt16BigEndian(head[24..], (ushort)entry.KeyType);
            head[26] = entry.KeyFlags;
            head[27] = (byte)entry.NameLength;
            BinaryPrimitives.WriteUInt16BigEndian(head[28..], (ushort)entry.Wire.Length);
            BinaryPrimitives.WriteUInt16BigEndian(head[30..], (ushort)entry.ExtendedError.Length);
            head[32] = (byte)((entry.IsInUse ? InUseBit : 0) | (entry.IsUnjudged ? UnjudgedBit : 0));
            Put(head);
            Put(entry.Wire);
            Put(entry.ExtendedError);
        }

        stream.Write(hash.GetCurrentHash());

        void Put(ReadOnlySpan<byte> bytes)
        {
            stream.Write(bytes);
            hash.AppendData(bytes);
        }
    }

    // It may be as large as the cache, so it is never in memory as a whole.
    private static bool IsWhole(FileStream file)
    {
        if (file.Length < HeadLength + HashLength)
        {
            return false;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferSize];
        for (var left = file.Length - HashLength; left > 0;)
        {
            var length = (int)Math.Min(left, BufferSize);
            file.ReadExactly(buffer, 0, length);
            hash.AppendData(buffer, 0, length);
            left -= length;
        }

        file.ReadExactly(buffer, 0, HashLength);
        return hash.GetCurrentHash().AsSpan().SequenceEqual(buffer.AsSpan(0, HashLength));
    }

    private bool TryRead(FileStream file, AnswerCache cache, byte[] basis, long now, long maxStale)
    {
        file.Position = 0;
        Span<byte> head = stackalloc byte[HeadLength];
        file.ReadExactly(head);
        if (!head.StartsWith(Magic))
        {
            return false;
        }

        if (!head.Slice(Magic.Length, AnswerBasis.Length).SequenceEqual(basis))
        {
            return true;
        }

        // A machine whose clock has not been set yet is not back in time: it is at least as late as when this was written.
        var savedAt = BinaryPrimitives.ReadInt64BigEndian(head[(Magic.Length + AnswerBasis.Length)..]);
        var clock = Math.Max(savedAt, time.GetUtcNow().ToUnixTimeMilliseconds());
        var buffer = new byte[LongestEntry];
        for (var end = file.Length - HashLength; file.Position < end;)
        {
            if (!TryReadEntry(file, end, buffer, out var length) || !TryTake(buffer.AsSpan(0, length), now - clock, out var entry))
            {
                return false;
            }

            if (entry.ExpiresAt + maxStale > now)
            {
                cache.Restore(entry);
            }
        }

        return true;
    }

    private static bool TryReadEntry(FileStream file, long end, byte[] buffer, out int length)
    {
        length = EntryLength;
        if (end - file.Position < EntryLength)
        {
            return false;
        }

        file.ReadExactly(buffer, 0, EntryLength);
        length += BinaryPrimitives.ReadUInt16BigEndian(buffer.AsSpan(28)) + BinaryPrimitives.ReadUInt16BigEndian(buffer.AsSpan(30));
        if (end - file.Position < length - EntryLength)
        {
            return false;
        }

        file.ReadExactly(buffer, EntryLength, length - EntryLength);
        return true;
    }

    private static bool TryTake(ReadOnlySpan<byte> rest, long shift, out CachedAnswer entry)
    {
        entry = default;
        var (wireLength, errorLength) = (BinaryPrimitives.ReadUInt16BigEndian(rest[28..]), BinaryPrimitives.ReadUInt16BigEndian(rest[30..]));
        if (!MessageHeader.TryRead(rest.Slice(EntryLength, wireLength), out var header) || header.AnswerCount + header.AuthorityCount > wireLength)
        {
            return false;
        }

        var shape = new AnswerHead
        {
            WireLength = wireLength,
            TtlCount = (ushort)(header.AnswerCount + header.AuthorityCount),
            ErrorLength = errorLength,
            NameLength = rest[27],
            KeyType = BinaryPrimitives.ReadUInt16BigEndian(rest[24..]),
            KeyFlags = rest[26],
            Rcode = (ushort)header.Rcode,
            Lifetime = (uint)Math.Clamp(BinaryPrimitives.ReadInt64BigEndian(rest[16..]), 0, uint.MaxValue),
            StoredAt = BinaryPrimitives.ReadInt64BigEndian(rest) + shift,
            Bits = (rest[32] & UnjudgedBit) != 0 ? AnswerHead.Unjudged : (byte)0,
            Visited = (byte)(rest[32] & InUseBit),
        };
        entry = CachedAnswer.Create(shape, rest.Slice(EntryLength + wireLength, errorLength));
        rest.Slice(EntryLength, wireLength).CopyTo(entry.WritableWire);
        return AnswerBuilder.TryFindTtls(entry.Wire, entry.NameLength, entry.WritableTtlOffsets);
    }

    private static partial class Log
    {
        [LoggerMessage(1313, LogLevel.Warning, "The saved answers in {Path} are not used: {Reason}")]
        public static partial void NotRead(ILogger logger, string path, string reason);

        [LoggerMessage(1314, LogLevel.Warning, "The answers could not be saved in {Path}: {Reason}")]
        public static partial void NotSaved(ILogger logger, string path, string reason);
    }
}
