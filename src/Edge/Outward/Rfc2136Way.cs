using System.Net;
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

    public async Task<PushResult> PushAsync(OutwardName name, PushedAddresses addresses, string secret, CancellationToken cancel)
    {
        var bytes = new byte[secret.Length];
        if (!Convert.TryFromBase64String(secret, bytes, out var length) || length == 0)
        {
            return PushResult.Refused($"{name.SecretFile} does not hold a secret in base64");
        }

        var server = new UpdateConnection(name.Server!, new TsigKey(Name.Parse(name.User), name.Algorithm, bytes.AsSpan(0, length)), time);
        var (zone, host, at) = (Name.Parse(name.Zone), Name.Parse(name.Host), Name.Parse(OwnershipMark.NameOf(name.Host)));
        var text = RData.Text(mark.Text);
        List<(RecordType Type, string? Address)> sets = [.. name.HasIPv4 ? [(RecordType.A, addresses.IPv4)] : (List<(RecordType, string?)>)[], .. name.HasIPv6 ? [(RecordType.AAAA, addresses.IPv6)] : (List<(RecordType, string?)>)[]];

        // 1. A look: ours, and all as it is to be.
        var look = new UpdateMessage(zone).Demand(at, RecordType.TXT, text);
        foreach (var (type, address) in sets)
        {
            _ = address is null ? look.DemandNone(host, type) : look.Demand(host, type, Data(address));
        }

        var (rcode, problem) = await server.SendAsync(look, cancel);
        if (problem is not null || !IsDemand(rcode))
        {
            return problem is null && rcode == Rcode.NoError ? new PushResult(PushOutcome.Unchanged) : Trouble(rcode, problem);
        }

        // 2. Ours: the change.
        var change = new UpdateMessage(zone).Demand(at, RecordType.TXT, text);
        Put(change, host, sets);
        (rcode, problem) = await server.SendAsync(change, cancel);
        if (problem is not null || !IsDemand(rcode))
        {
            return problem is null && rcode == Rcode.NoError ? new PushResult(PushOutcome.Sent) : Trouble(rcode, problem);
        }

        // 3. Nobody's: the mark and the addresses.
        var claim = new UpdateMessage(zone).DemandNone(at, RecordType.TXT).DemandNone(host, RecordType.CNAME);
        sets.ForEach(set => claim.DemandNone(host, set.Type));
        claim.Add(at, RecordType.TXT, MarkTtl, text);
        Put(claim, host, sets);
        (rcode, problem) = await server.SendAsync(claim, cancel);
        return problem is null && rcode == Rcode.NoError ? new PushResult(PushOutcome.Sent)
            : problem is null && IsDemand(rcode) ? mark.Foreign(name.Host)
            : Trouble(rcode, problem);
    }

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

    // A prerequisite does not hold (RFC 2136 §2.2).
    private static bool IsDemand(Rcode rcode) => rcode is Rcode.NxRrset or Rcode.NxDomain or Rcode.YxRrset or Rcode.YxDomain;

    // A right may be given and a clock set right on the other side: it is asked again, and ever more seldom.
    private static PushResult Trouble(Rcode rcode, string? problem) => PushResult.Failed(problem ?? $"the server said {rcode}");
}
