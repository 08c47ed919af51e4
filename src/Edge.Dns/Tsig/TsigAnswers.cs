using System.Security.Cryptography;

namespace Edge.Dns.Tsig;

/// <summary>
/// Verifies the answers to a signed request in their order. Up to 99 answers may stand between two signed ones, and
/// the last must be signed (RFC 8945 §5.3.1). Not for several threads.
/// </summary>
public sealed class TsigAnswers : IDisposable
{
    private const int MostUnsigned = 99;

    private readonly TsigKey _key;
    private readonly TimeProvider _time;
    private readonly TsigDigest _digest;
    private bool _first = true;
    private int _unsigned;

    /// <summary>Expects the answers to a request.</summary>
    /// <param name="key">The key it was signed with.</param>
    /// <param name="time">The clock.</param>
    /// <param name="requestMac">Its signature.</param>
    public TsigAnswers(TsigKey key, TimeProvider time, ReadOnlySpan<byte> requestMac)
    {
        (_key, _time) = (key, time);
        _digest = new TsigDigest(key);
        _digest.AddPrior(requestMac);
    }

    /// <summary>Whether all answers so far are covered by a signature: must be so after the last.</summary>
    public bool Complete => !_first && _unsigned == 0;

    /// <summary>Takes the next answer; false when it must not be believed.</summary>
    /// <param name="message">The answer as it came.</param>
    /// <param name="length">Its length without the TSIG record, which is to be counted out of the additional section.</param>
    /// <param name="problem">What is wrong, in words.</param>
    public bool TryTake(ReadOnlySpan<byte> message, out int length, out string? problem)
    {
        length = message.Length;
        problem = null;
        if (!TsigRecord.TryFind(message, out var record))
        {
            problem = "an answer that cannot be read";
            return false;
        }

        if (record is null)
        {
            // The first one must be signed; so must one in a hundred.
            problem = _first ? "an answer without a signature" : ++_unsigned > MostUnsigned ? "too many answers without a signature" : null;
            _digest.AddMessage(message);
            return problem is null;
        }

        length = record.Offset;
        problem = Check(message, record);
        return problem is null;
    }

    /// <inheritdoc/>
    public void Dispose() => _digest.Dispose();

    private string? Check(ReadOnlySpan<byte> message, TsigRecord record)
    {
        if (record.Error is TsigError.BadKey or TsigError.BadSignature)
        {
            return record.Error == TsigError.BadKey ? $"the peer does not know {_key} (BADKEY)" : $"the peer has another secret for {_key} (BADSIG)";
        }

        if (record.Key != _key.Name || record.Algorithm != _key.Algorithm.Name)
        {
            return $"an answer signed with key {record.Key} ({record.Algorithm}) and not with {_key}";
        }

        _digest.AddMessage(message, record);
        if (_first)
        {
            _digest.AddVariables(record);
        }
        else
        {
            _digest.AddTimers(record);
        }

        var mac = _digest.Finish();
        if (!CryptographicOperations.FixedTimeEquals(mac, record.Mac))
        {
            return "an answer with a wrong signature";
        }

        if (record.Error != TsigError.None)
        {
            return record.Error == TsigError.BadTime ? "the peer's clock and this one differ (BADTIME)" : $"the peer refused the signature ({record.Error})";
        }

        if (!TsigTime.IsNear(record.Time, TsigTime.Of(_time), record.Fudge))
        {
            return "an answer that was signed too long ago, or in the future";
        }

        (_first, _unsigned) = (false, 0);
        _digest.AddPrior(mac);
        return null;
    }
}
