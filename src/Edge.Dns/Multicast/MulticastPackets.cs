using Edge.Dns.Wire;

namespace Edge.Dns.Multicast;

/// <summary>Messages to be sent, cut into packets that no link needs to fragment.</summary>
internal static class MulticastPackets
{
    // RFC 6762 §6.7: a resolver that hears no goodbye must not remember for long.
    private const uint LongestForLegacy = 10;

    /// <summary>A query; known answers that do not fit follow in packets of their own, announced by TC (RFC 6762 §7.2).</summary>
    public static List<byte[]> Query(IReadOnlyList<MulticastQuestion> questions, IReadOnlyList<MulticastRecord> known)
    {
        // RFC 6762 §10.2: the cache-flush bit is for responses.
        known = [.. known.Select(record => record with { CacheFlush = false })];
        var packets = new List<byte[]>();
        var (asked, told) = (0, 0);
        while (asked < questions.Count || told < known.Count)
        {
            var packet = new PacketWriter();
            asked += packet.Ask(questions, asked);
            var count = asked == questions.Count ? packet.Tell(known, told) : 0;
            told += count;
            var isLast = asked < questions.Count || told == known.Count;
            packets.Add(packet.Finish(0, isLast ? MessageFlags.None : MessageFlags.Truncated, count, 0, 0));
        }

        return packets;
    }

    /// <summary>A probe: questions for names, and what is to be said of each (RFC 6762 §8.1).</summary>
    public static List<byte[]> Probe(IReadOnlyList<(MulticastQuestion Question, IReadOnlyList<MulticastRecord> Proposed)> names)
    {
        var packets = new List<byte[]>();
        for (var from = 0; from < names.Count;)
        {
            var (count, length) = (0, 0);
            do
            {
                length += Length(names[from + count++]);
            }
            while (from + count < names.Count && length + Length(names[from + count]) <= PacketWriter.UsualLength - MessageHeader.Length);

            var part = names.Skip(from).Take(count).ToList();
            var packet = new PacketWriter();
            packet.Ask([.. part.Select(name => name.Question)], 0);

            // RFC 6762 §10.2: no cache-flush bit in what is only proposed.
            var proposed = packet.Tell([.. part.SelectMany(name => name.Proposed).Select(record => record with { CacheFlush = false })]);
            packets.Add(packet.Finish(0, MessageFlags.None, 0, proposed, 0));
            from += count;
        }

        return packets;
    }

    /// <summary>A response to all (RFC 6762 §6); what additional records do not fit are left out.</summary>
    public static List<byte[]> Response(IReadOnlyList<MulticastRecord> answers, IReadOnlyList<MulticastRecord> additional)
    {
        var packets = new List<byte[]>();
        for (var told = 0; told < answers.Count;)
        {
            var packet = new PacketWriter();
            var count = packet.Tell(answers, told);
            if (count == 0)
            {
                // Longer than any message may be.
                told++;
                continue;
            }

            told += count;
            var more = told == answers.Count ? packet.Tell(additional) : 0;
            packets.Add(packet.Finish(0, MessageFlags.Response | MessageFlags.Authoritative, count, 0, more));
        }

        return packets;
    }

    /// <summary>
    /// A response to a resolver that knows no mDNS: its number and question, no cache-flush bit, and times that end before the
    /// resolver could miss a change (RFC 6762 §6.7).
    /// </summary>
    public static byte[] Legacy(ushort id, IReadOnlyList<MulticastQuestion> questions, IReadOnlyList<MulticastRecord> answers, IReadOnlyList<MulticastRecord> additional)
    {
        var packet = new PacketWriter();
        packet.Ask([.. questions.Select(question => question with { UnicastResponse = false })], 0);
        var told = packet.Tell([.. answers.Select(Short)]);
        var more = told == answers.Count ? packet.Tell([.. additional.Select(Short)]) : 0;
        var flags = MessageFlags.Response | MessageFlags.Authoritative;
        return packet.Finish(id, told == answers.Count ? flags : flags | MessageFlags.Truncated, told, 0, more);
    }

    private static MulticastRecord Short(MulticastRecord record) => record with { CacheFlush = false, Ttl = Math.Min(record.Ttl, LongestForLegacy) };

    private static int Length((MulticastQuestion Question, IReadOnlyList<MulticastRecord> Proposed) name) =>
        4 + name.Question.Name.Wire.Length + name.Proposed.Sum(record => 10 + record.Owner.Wire.Length + record.Data.Wire.Length);
}
