using System.Collections.Immutable;
using Edge.Dns.Resolver;
using Edge.Dns.Wire;

namespace Edge.Admin;

/// <summary>What the parent of a zone says about its keys, as the resolvers of this box hear it.</summary>
/// <param name="Data">DS data of each record; empty when the parent has none.</param>
/// <param name="Ttl">How long resolvers hold them.</param>
internal sealed record ParentDs(ImmutableArray<RData> Data, TimeSpan Ttl)
{
    // What TLDs have; used where the answer has no record to say it.
    private static readonly TimeSpan UsualTtl = TimeSpan.FromDays(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Asks; null when nobody answers.</summary>
    public static async Task<ParentDs?> AskAsync(Forwarder forwarder, Name origin, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        try
        {
            var answer = await forwarder.AskAsync(origin, RecordType.DS, patience.Token);
            if (answer.Rcode is not (Rcode.NoError or Rcode.NxDomain))
            {
                return null;
            }

            var records = answer.Answer.Where(record => record.Type == RecordType.DS && record.Owner == origin).ToList();
            // A resolver counts a TTL down; the usual one is the least that is waited for.
            var ttl = records.Select(record => TimeSpan.FromSeconds(record.Ttl)).Append(UsualTtl).Max();
            return new ParentDs([.. records.Select(record => record.Data)], ttl);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Whether a DS of any digest names a key by tag and algorithm.</summary>
    public bool Names(ushort tag, byte algorithm) =>
        Data.Any(data => data.Wire.Length > 3 && ((data.Wire[0] << 8) | data.Wire[1]) == tag && data.Wire[2] == algorithm);
}
