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
    private const byte VisitedBit = 1;
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
            if (File.Exists(path) && !TryRead(File.ReadAllBytes(path), cache, basis, now, (long)maxStale.TotalMilliseconds))
            {
                Log.NotRead(log, path, "it is damaged");
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Log.NotRead(log, path, error.Message);
        }
    }

    private void Write(Stream stream, CachedAnswer[] entries, byte[] basis, long now)
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
            head[32] = (byte)((entry.Visited ? VisitedBit : 0) | (entry.IsUnjudged ? UnjudgedBit : 0));
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

    private bool TryRead(ReadOnlySpan<byte> file, AnswerCache cache, byte[] basis, long now, long maxStale)
    {
        if (file.Length < HeadLength + HashLength || !file.StartsWith(Magic)
            || !SHA256.HashData(file[..^HashLength]).AsSpan().SequenceEqual(file[^HashLength..]))
        {
            return false;
        }

        if (!file.Slice(Magic.Length, AnswerBasis.Length).SequenceEqual(basis))
        {
            return true;
        }

        // A machine whose clock has not been set yet is not back in time: it is at least as late as when this was written.
        var savedAt = BinaryPrimitives.ReadInt64BigEndian(file[(Magic.Length + AnswerBasis.Length)..]);
        var clock = Math.Max(savedAt, time.GetUtcNow().ToUnixTimeMilliseconds());
        for (var rest = file[HeadLength..^HashLength]; !rest.IsEmpty;)
        {
            if (!TryReadEntry(ref rest, now - clock, out var entry))
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

    private static bool TryReadEntry(ref ReadOnlySpan<byte> rest, long shift, out CachedAnswer entry)
    {
        entry = null!;
        if (rest.Length < EntryLength)
        {
            return false;
        }

        var (wireLength, errorLength) = (BinaryPrimitives.ReadUInt16BigEndian(rest[28..]), BinaryPrimitives.ReadUInt16BigEndian(rest[30..]));
        var length = EntryLength + wireLength + errorLength;
        if (rest.Length < length || AnswerBuilder.FindTtls(rest.Slice(EntryLength, wireLength), rest[27]) is not { } offsets)
        {
            return false;
        }

        var wire = rest.Slice(EntryLength, wireLength).ToArray();
        MessageHeader.TryRead(wire, out var header);
        entry = new CachedAnswer
        {
            Wire = wire,
            NameLength = rest[27],
            TtlOffsets = offsets,
            KeyType = (RecordType)BinaryPrimitives.ReadUInt16BigEndian(rest[24..]),
            KeyFlags = rest[26],
            Rcode = header.Rcode,
            Lifetime = BinaryPrimitives.ReadInt64BigEndian(rest[16..]),
            ExtendedError = rest.Slice(EntryLength + wireLength, errorLength).ToArray(),
            StoredAt = BinaryPrimitives.ReadInt64BigEndian(rest) + shift,
            ExpiresAt = BinaryPrimitives.ReadInt64BigEndian(rest[8..]) + shift,
            Visited = (rest[32] & VisitedBit) != 0,
            IsUnjudged = (rest[32] & UnjudgedBit) != 0,
        };
        rest = rest[length..];
        return true;
    }

    private static partial class Log
    {
        [LoggerMessage(1313, LogLevel.Warning, "The saved answers in {Path} are not used: {Reason}")]
        public static partial void NotRead(ILogger logger, string path, string reason);

        [LoggerMessage(1314, LogLevel.Warning, "The answers could not be saved in {Path}: {Reason}")]
        public static partial void NotSaved(ILogger logger, string path, string reason);
    }
}
