using System.Collections.Immutable;
using System.Net;
using System.Text;
using Edge.Dns.Tsig;
using Edge.Dns.Wire;

namespace Edge.Outward;

/// <summary>
/// Updates of DNS. Whose the name is, the server checks in the same moment as it changes it: each update has what must be so as
/// its prerequisites (RFC 2136 §2.4), so that nobody is overwritten who came between a look and a change.
/// </summary>
internal sealed class Rfc2136Way(OwnershipMark mark, TimeProvider time) : IOutwardWay
{
    private const uint Ttl = 60;
    private const uint MarkTtl = 3600;

    public async Task<PushResult> PushAsync(OutwardName name, PushedAddresses addresses, bool hasSent, string secret, CancellationToken cancel)
    {
        if (OutwardSecret.Key(secret) is not { } key)
        {
            return PushResult.Refused(name.ProblemOf(secret) ?? "");
        }

        var server = new UpdateConnection(name.Server!, new TsigKey(Name.Parse(name.User), name.Algorithm, key), time);
        var (zone, host, at) = (Name.Parse(name.Zone), Name.Parse(name.Host), Name.Parse(OwnershipMark.NameOf(name.Host)));
        List<(RecordType Type, string? Address)> sets = [.. name.HasIPv4 ? [(RecordType.A, addresses.IPv4)] : (List<(RecordType, string?)>)[], .. name.HasIPv6 ? [(RecordType.AAAA, addresses.IPv6)] : (List<(RecordType, string?)>)[]];

        // 1. What is said there of whose it is. Somebody else's is not touched.
        var (texts, rcode, problem) = await server.TextsAsync(at, cancel);
        if (problem is not null || rcode != Rcode.NoError)
        {
            return problem is null && rcode == Rcode.Refused
                ? PushResult.Failed($"the server answers the key no question about {OwnershipMark.NameOf(name.Host)} (REFUSED), which says whose the name is; it may not have the zone {name.Zone}")
                : Trouble(rcode, problem);
        }

        // 2. The change, if it is ours or nobody's still.
        var found = mark.Find(texts.Select(TextOf), hasSent);
        var place = new Place(zone, host, at);
        return found.Others.Length > 0 ? found.Foreign(name.Host)
            : found.Ours.Length > 0 ? await ChangeAsync(server, place, texts, found, sets, cancel)
            : await ClaimAsync(server, place, sets, name.Host, cancel);
    }

    private async Task<PushResult> ChangeAsync(UpdateConnection server, Place place, ImmutableArray<RData> marks, FoundMarks found, List<(RecordType Type, string? Address)> sets, CancellationToken cancel)
    {
        if (found.IsRight)
        {
            // All as it is to be?
            var look = Demanding(place, marks);
            foreach (var (type, address) in sets)
            {
                _ = address is null ? look.DemandNone(place.Host, type) : look.Demand(place.Host, type, Data(address));
            }

            var (same, trouble) = await server.SendAsync(look, cancel);
            if (trouble is not null || !IsDemand(same))
            {
                return trouble is null && same == Rcode.NoError ? new PushResult(PushOutcome.Unchanged) : Trouble(same, trouble);
            }
        }

        var change = Demanding(place, marks);
        foreach (var stale in marks.Where(text => found.IsStale(TextOf(text))))
        {
            change.Delete(place.Mark, RecordType.TXT, stale);
        }

        Put(change.Add(place.Mark, RecordType.TXT, MarkTtl, RData.Text(mark.Text)), place.Host, sets);
        var (rcode, problem) = await server.SendAsync(change, cancel);
        return problem is null && IsDemand(rcode) ? PushResult.Failed($"the TXT at {place.Mark} was changed in the same moment")
            : problem is null && rcode == Rcode.NoError ? new PushResult(PushOutcome.Sent)
            : Trouble(rcode, problem);
    }

    // Nobody's: the mark and the addresses.
    private async Task<PushResult> ClaimAsync(UpdateConnection server, Place place, List<(RecordType Type, string? Address)> sets, string host, CancellationToken cancel)
    {
        var claim = new UpdateMessage(place.Zone).DemandNone(place.Mark, RecordType.TXT).DemandNone(place.Host, RecordType.CNAME);
        sets.ForEach(set => claim.DemandNone(place.Host, set.Type));
        Put(claim.Add(place.Mark, RecordType.TXT, MarkTtl, RData.Text(mark.Text)), place.Host, sets);
        var (rcode, problem) = await server.SendAsync(claim, cancel);
        return problem is null && rcode == Rcode.NoError ? new PushResult(PushOutcome.Sent)
            : problem is null && IsDemand(rcode) ? mark.Find([], hasSent: false).Foreign(host)
            : Trouble(rcode, problem);
    }

    private static UpdateMessage Demanding(Place place, ImmutableArray<RData> marks) => marks.Aggregate(new UpdateMessage(place.Zone), (update, text) => update.Demand(place.Mark, RecordType.TXT, text));

    private static void Put(UpdateMessage update, Name host, List<(RecordType Type, string? Address)> sets)
    {
        foreach (var (type, address) in sets)
        {
            update.Delete(host, type);
            if (address is not null)
            {
                update.Add(host, type, Ttl, Data(address));
            }
        }
    }

    private static RData Data(string address) => RData.Address(IPAddress.Parse(address));

    // The strings of a TXT record, one after the other (RFC 1035 §3.3.14).
    private static string TextOf(RData data)
    {
        var text = new StringBuilder();
        for (var at = 0; at < data.Wire.Length; at += data.Wire[at] + 1)
        {
            text.Append(Encoding.UTF8.GetString(data.Wire[(at + 1)..Math.Min(data.Wire.Length, at + 1 + data.Wire[at])]));
        }

        return text.ToString();
    }

    // A prerequisite does not hold (RFC 2136 §2.2).
    private static bool IsDemand(Rcode rcode) => rcode is Rcode.NxRrset or Rcode.NxDomain or Rcode.YxRrset or Rcode.YxDomain;

    // A right may be given and a clock set right on the other side: it is asked again, and ever more seldom.
    private static PushResult Trouble(Rcode rcode, string? problem) => PushResult.Failed(problem ?? $"the server said {rcode}");

    private sealed record Place(Name Zone, Name Host, Name Mark);
}
