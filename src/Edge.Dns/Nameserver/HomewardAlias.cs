using System.Runtime.CompilerServices;
using Edge.Dns.Wire;

namespace Edge.Dns.Nameserver;

/// <summary>
/// An alias of somebody else's that leads to a name of ours. The resolver knows that name as the world sees it, or not at
/// all; the client is to see it as if it had asked for it itself, in its own view.
/// </summary>
internal static class HomewardAlias
{
    /// <summary>Whether the aliases of an answer lead into a zone that the client's view has. Allocates nothing.</summary>
    /// <param name="answer">The resolver's answer.</param>
    /// <param name="questionEnd">Where its records begin.</param>
    /// <param name="serving">The zones now.</param>
    /// <param name="view">The view's index in them.</param>
    [SkipLocalsInit]
    public static bool Leads(ReadOnlySpan<byte> answer, int questionEnd, ServingSnapshot serving, int view)
    {
        if (!MessageHeader.TryRead(answer, out var header) || header.AnswerCount == 0)
        {
            return false;
        }

        var reader = new MessageReader(answer, questionEnd);
        Span<byte> target = stackalloc byte[Name.MaxWireLength];
        for (var i = 0; i < header.AnswerCount && reader.TrySkipName() && reader.TryReadRecordHeader(out var record); i++)
        {
            // The chain stands first, with what signs and makes it.
            if (record.Type is not (RecordType.CNAME or RecordType.DNAME or RecordType.RRSIG))
            {
                return false;
            }

            if (record.Type == RecordType.CNAME && new MessageReader(answer, record.DataOffset).TryReadName(target, out var length) && serving.Zones.Find(view, target[..length]) is not null)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The answer up to that alias, and where it leads.</summary>
    public static Message? Cut(ReadOnlySpan<byte> answer, ServingSnapshot serving, int view, out Name? target)
    {
        target = null;
        if (!Message.TryParse(answer, out var chain, out _))
        {
            return null;
        }

        var last = chain.Answer.FindIndex(record => record.Type == RecordType.CNAME && RDataNames.NameLength(record.Data.Wire) > 0 && serving.Zones.Find(view, record.Data.Wire) is not null);
        if (last < 0)
        {
            return null;
        }

        target = Name.FromWire(chain.Answer[last].Data.Wire);
        var owner = chain.Answer[last].Owner;
        // Its signatures stay with it.
        while (last + 1 < chain.Answer.Count && chain.Answer[last + 1] is { Type: RecordType.RRSIG } signature && signature.Owner == owner)
        {
            last++;
        }

        chain.Answer.RemoveRange(last + 1, chain.Answer.Count - last - 1);
        chain.Authority.Clear();
        // AD would be about all of it, and the rest is not validated but ours.
        chain.Flags &= ~MessageFlags.AuthenticData;
        return chain;
    }
}
