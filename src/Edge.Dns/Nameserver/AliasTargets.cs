using System.Buffers.Binary;
using Edge.Dns.Resolver;
using Edge.Dns.Wire;
using Edge.Dns.Zones.Aliases;

namespace Edge.Dns.Nameserver;

/// <summary>Asks the resolver for the addresses of names that ALIAS records lead to.</summary>
public static class AliasTargets
{
    private const int MaxAliases = 16;

    // How long it is believed that a name has no addresses when the answer does not say (RFC 2308 §5: without SOA, not at all).
    private const uint ShortestNegative = 30;

    /// <summary>The addresses of one family; null when they cannot be learned now.</summary>
    /// <param name="recursor">Who knows names that are not ours.</param>
    /// <param name="target">The name.</param>
    /// <param name="type">A or AAAA.</param>
    /// <param name="cancel">Ends the wait.</param>
    public static async ValueTask<TargetAddresses?> AskAsync(IRecursor recursor, Name target, RecordType type, CancellationToken cancel)
    {
        var query = new Message { Flags = MessageFlags.RecursionDesired, Edns = new Edns(Edns.SafePayloadSize, DnssecOk: false) };
        query.Questions.Add(new Question(target, type));
        var buffer = new byte[Message.MaxLength];
        // What follows from it, new zones, is nothing for the thread that brings replies.
        var length = await recursor.ResolveAsync(query.ToArray(), buffer, buffer.Length, cancel).AsTask().ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        return Message.TryParse(buffer.AsSpan(0, length), out var answer, out _) ? Read(answer, target, type) : null;
    }

    private static TargetAddresses? Read(Message answer, Name name, RecordType type)
    {
        if (answer.Rcode is not (Rcode.NoError or Rcode.NxDomain))
        {
            return null;
        }

        var ttl = uint.MaxValue;
        for (var step = 0; step < MaxAliases; step++)
        {
            var addresses = answer.Answer.FindAll(record => record.Owner == name && record.Type == type);
            if (addresses.Count > 0)
            {
                return new TargetAddresses([.. addresses.Select(record => record.Data).Distinct()], Math.Min(ttl, addresses.Min(record => record.Ttl)));
            }

            if (answer.Answer.Find(record => record.Owner == name && record.Type == RecordType.CNAME) is not { } alias)
            {
                return new TargetAddresses([], Math.Min(ttl, NegativeTtl(answer)));
            }

            (name, ttl) = (Name.FromWire(alias.Data.Wire), Math.Min(ttl, alias.Ttl));
        }

        return null;
    }

    // RFC 2308 §5: the smaller of the SOA's TTL and its MINIMUM.
    private static uint NegativeTtl(Message answer) => answer.Authority.Find(record => record.Type == RecordType.SOA) is { } soa && soa.Data.Wire.Length >= 22
        ? Math.Max(ShortestNegative, Math.Min(soa.Ttl, BinaryPrimitives.ReadUInt32BigEndian(soa.Data.Wire[^4..])))
        : ShortestNegative;
}
