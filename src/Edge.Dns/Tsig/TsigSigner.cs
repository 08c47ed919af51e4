using Edge.Dns.Wire;

namespace Edge.Dns.Tsig;

/// <summary>
/// Signs the messages of one side of an exchange: one request, or the answers to one request in their order
/// (RFC 8945 §5.3.1). Not for several threads.
/// </summary>
public sealed class TsigSigner : IDisposable
{
    /// <summary>By how many seconds the clocks of both sides may differ (RFC 8945 §10).</summary>
    public const ushort Fudge = 300;

    private readonly TsigKey _key;
    private readonly TimeProvider _time;
    private readonly TsigDigest _digest;
    private bool _first = true;
    private byte[] _prior;

    private TsigSigner(TsigKey key, TimeProvider time, byte[] prior)
    {
        (_key, _time, _prior) = (key, time, prior);
        _digest = new TsigDigest(key);
    }

    /// <summary>The last signature made: what the answer to a request is verified with. Empty before the first.</summary>
    public ReadOnlySpan<byte> LastMac => _first ? [] : _prior;

    /// <summary>Bytes that signing adds to a message.</summary>
    public int RoomNeeded => RoomFor(_key);

    /// <summary>For a request.</summary>
    public static TsigSigner ForRequest(TsigKey key, TimeProvider time) => new(key, time, []);

    /// <summary>For the answers to a request with this signature.</summary>
    public static TsigSigner ForAnswers(TsigKey key, TimeProvider time, ReadOnlySpan<byte> requestMac) => new(key, time, requestMac.ToArray());

    /// <summary>Bytes that a signature with this key adds to a message, other data included.</summary>
    public static int RoomFor(TsigKey key) => Room(key.Name, key.Algorithm.Name, key.Algorithm.Length);

    /// <summary>Signs a message in place and returns its new length.</summary>
    /// <param name="message">The message, with <see cref="RoomNeeded"/> bytes behind it.</param>
    /// <param name="length">The message's length.</param>
    public int Sign(Span<byte> message, int length) => Sign(message, length, TsigError.None, TsigTime.Of(_time), []);

    /// <inheritdoc/>
    public void Dispose() => _digest.Dispose();

    internal static int Room(Name key, Name algorithm, int mac) =>
        key.Wire.Length + 10 + algorithm.Wire.Length + TsigRecord.FixedDataLength + mac + TsigTime.Length;

    internal int Sign(Span<byte> message, int length, TsigError error, ulong time, byte[] other)
    {
        MessageHeader.TryRead(message, out var header);
        var variables = new TsigRecord
        {
            Key = _key.Name, Algorithm = _key.Algorithm.Name, Time = time, Fudge = Fudge, Mac = [], OriginalId = header.Id, Error = error, Other = other,
        };
        if (_prior.Length > 0)
        {
            _digest.AddPrior(_prior);
        }

        _digest.AddMessage(message[..length]);
        if (_first)
        {
            _digest.AddVariables(variables);
        }
        else
        {
            _digest.AddTimers(variables);
        }

        _first = false;
        _prior = _digest.Finish();
        return variables.With(_prior).Append(message, length);
    }
}
