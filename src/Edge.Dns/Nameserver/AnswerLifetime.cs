using Edge.Dns.Wire;

namespace Edge.Dns.Nameserver;

/// <summary>How long an answer may be kept by who keeps it whole, such as a cache of HTTP.</summary>
public static class AnswerLifetime
{
    /// <summary>
    /// The smallest TTL of the answer section, or of the authority section where the answer is empty, in seconds
    /// (RFC 8484 §5.1, RFC 2308 §5). Null for what is not to be kept: failures, and answers cut short.
    /// </summary>
    public static uint? Of(ReadOnlySpan<byte> answer)
    {
        if (!MessageHeader.TryRead(answer, out var header) || header.Rcode is not (Rcode.NoError or Rcode.NxDomain) || (header.Flags & MessageFlags.Truncated) != 0)
        {
            return null;
        }

        var reader = new MessageReader(answer);
        for (var i = 0; i < header.QuestionCount; i++)
        {
            if (!reader.TrySkipName() || !reader.TryReadUInt32(out _))
            {
                return null;
            }
        }

        uint? smallest = null;
        for (var i = header.AnswerCount > 0 ? header.AnswerCount : header.AuthorityCount; i > 0; i--)
        {
            if (!reader.TrySkipName() || !reader.TryReadRecordHeader(out var record))
            {
                return null;
            }

            smallest = Math.Min(smallest ?? uint.MaxValue, record.Ttl);
        }

        return smallest;
    }
}
