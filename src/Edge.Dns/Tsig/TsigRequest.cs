using System.Security.Cryptography;
using Edge.Dns.Wire;

namespace Edge.Dns.Tsig;

/// <summary>A request's signature and what is to be thought of it.</summary>
public sealed class TsigRequest
{
    // Shorter ones are guessed too easily to be looked at (RFC 8945 §5.2.2.1).
    private const int LeastMac = 10;

    private readonly TsigRecord _record;
    private readonly ulong _now;

    private TsigRequest(TsigRecord record, TsigKey? key, TsigError error, ulong now) => (_record, Key, Error, _now) = (record, key, error, now);

    /// <summary>The key it is signed with; null when that key is not known here.</summary>
    public TsigKey? Key { get; }

    /// <summary>What is wrong: only with <see cref="TsigError.None"/> the request is the key owner's.</summary>
    public TsigError Error { get; }

    /// <summary>The key's name as the request has it.</summary>
    public Name KeyName => _record.Key;

    /// <summary>The signature.</summary>
    public ReadOnlySpan<byte> Mac => _record.Mac;

    /// <summary>When it was signed: seconds since 1970.</summary>
    public ulong Time => _record.Time;

    /// <summary>By how many seconds the clocks may differ, as its sender says.</summary>
    public ushort Fudge => _record.Fudge;

    /// <summary>Where the TSIG record begins.</summary>
    public int Offset => _record.Offset;

    /// <summary>Bytes an answer needs behind it for its own TSIG record.</summary>
    public int AnswerRoom => TsigSigner.Room(_record.Key, _record.Algorithm, Error is TsigError.BadKey or TsigError.BadSignature ? 0 : Key!.Algorithm.Length);

    /// <summary>
    /// Verifies a request. False when it cannot be read or its TSIG record is malformed: FORMERR (RFC 8945 §5.2).
    /// </summary>
    /// <param name="message">The request as it came.</param>
    /// <param name="keys">Finds a key by its name.</param>
    /// <param name="time">The clock.</param>
    /// <param name="request">The signature; null when there is none.</param>
    public static bool TryVerify(ReadOnlySpan<byte> message, Func<Name, TsigKey?> keys, TimeProvider time, out TsigRequest? request)
    {
        request = null;
        if (!TsigRecord.TryFind(message, out var record))
        {
            return false;
        }

        if (record is null)
        {
            return true;
        }

        var now = TsigTime.Of(time);
        // The order of the checks is that of RFC 8945 §5.2: key, signature, time, length of the signature.
        var key = keys(record.Key);
        if (key is null || key.Algorithm.Name != record.Algorithm)
        {
            request = new TsigRequest(record, null, TsigError.BadKey, now);
            return true;
        }

        var whole = key.Algorithm.Length;
        if (record.Mac.Length > whole || record.Mac.Length < Math.Max(LeastMac, whole / 2))
        {
            return false;
        }

        using var digest = new TsigDigest(key);
        digest.AddMessage(message, record);
        digest.AddVariables(record);
        var error = !CryptographicOperations.FixedTimeEquals(digest.Finish().AsSpan(0, record.Mac.Length), record.Mac) ? TsigError.BadSignature
            : !TsigTime.IsNear(record.Time, now, record.Fudge) ? TsigError.BadTime
            : record.Mac.Length < whole ? TsigError.BadTruncation
            : TsigError.None;
        request = new TsigRequest(record, key, error, now);
        return true;
    }

    /// <summary>The same request taken as one that was seen before.</summary>
    public TsigRequest Replayed() => new(_record, Key, TsigError.BadTime, _now);

    /// <summary>The request as it was before it was signed.</summary>
    public byte[] Unsigned(ReadOnlySpan<byte> message)
    {
        var bytes = message[..Offset].ToArray();
        var additional = System.Buffers.Binary.BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(10)) - 1;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(10), (ushort)additional);
        return bytes;
    }

    /// <summary>A signer for the answers; only when nothing is wrong.</summary>
    public TsigSigner AnswerSigner(TimeProvider time) => TsigSigner.ForAnswers(Key!, time, _record.Mac);

    /// <summary>
    /// Puts the TSIG record behind an answer that says NOTAUTH; returns its new length. It is unsigned when the
    /// secret is not shared, and signed else; BADTIME carries this server's time (RFC 8945 §5.2.3, §5.3.2).
    /// </summary>
    /// <param name="answer">The answer, with <see cref="AnswerRoom"/> bytes behind it.</param>
    /// <param name="length">The answer's length.</param>
    /// <param name="time">The clock.</param>
    public int AppendError(Span<byte> answer, int length, TimeProvider time)
    {
        if (Error is TsigError.BadKey or TsigError.BadSignature)
        {
            MessageHeader.TryRead(answer, out var header);
            var record = new TsigRecord
            {
                Key = _record.Key, Algorithm = _record.Algorithm, Time = _record.Time, Fudge = _record.Fudge, Mac = [], OriginalId = header.Id, Error = Error, Other = [],
            };
            return record.Append(answer, length);
        }

        using var signer = AnswerSigner(time);
        return Error == TsigError.BadTime
            ? signer.Sign(answer, length, Error, _record.Time, TsigTime.Bytes(_now))
            : signer.Sign(answer, length, Error, _now, []);
    }
}
