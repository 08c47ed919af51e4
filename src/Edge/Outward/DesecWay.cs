using System.Buffers;
using System.Text.Json;

namespace Edge.Outward;

/// <summary>The API of deSEC (desec.readthedocs.io, "Retrieving and Creating DNS Records"): sets of records, changed together in one request.</summary>
internal sealed class DesecWay(OwnershipMark mark, ApiClient api) : IOutwardWay
{
    private const int ShortestTtl = 60;

    public async Task<PushResult> PushAsync(OutwardName name, PushedAddresses addresses, bool hasSent, string secret, CancellationToken cancel)
    {
        // 1. What is there, and how short a TTL may be.
        var domain = new Uri(name.Url!, $"domains/{name.Zone}/");
        var (about, wrong) = await api.AskAsync(HttpMethod.Get, domain, secret, default, cancel);
        using var aboutDomain = about;
        if (aboutDomain is null)
        {
            return wrong!;
        }

        var subname = name.Host.Length == name.Zone.Length ? "" : name.Host[..^(name.Zone.Length + 1)];
        var markName = subname.Length == 0 ? OwnershipMark.Label : OwnershipMark.NameOf(subname);
        var (atName, failure) = await SetsAsync(domain, subname, secret, cancel);
        var (atMark, other) = await SetsAsync(domain, markName, secret, cancel);
        if (atName is null || atMark is null)
        {
            return (failure ?? other)!;
        }

        // 2. Whose it is.
        var texts = atMark.GetValueOrDefault("TXT") ?? [];
        var marks = mark.Find(texts, hasSent);
        var claim = marks.ClaimOf(atName.ContainsKey("CNAME") || (name.HasIPv4 && atName.ContainsKey("A")) || (name.HasIPv6 && atName.ContainsKey("AAAA")));
        if (claim == Claim.Foreign)
        {
            return marks.Foreign(name.Host);
        }

        if (marks.IsRight && Has(atName, "A", addresses.IPv4, name.HasIPv4) && Has(atName, "AAAA", addresses.IPv6, name.HasIPv6))
        {
            return new PushResult(PushOutcome.Unchanged);
        }

        // 3. The change, with the mark, as a whole or not at all.
        var ttl = Math.Max(ShortestTtl, aboutDomain.RootElement.TryGetProperty("minimum_ttl", out var least) && least.TryGetInt32(out var seconds) ? seconds : 0);
        string[] kept = [.. texts.Where(text => !marks.IsStale(text))];
        var body = Body(name, addresses, subname, markName, marks.Ours.Contains(mark.Text) ? kept : [.. kept, $"\"{mark.Text}\""], ttl);
        var (done, refused) = await api.AskAsync(HttpMethod.Patch, new Uri(domain, "rrsets/"), secret, body, cancel);
        done?.Dispose();
        return refused ?? new PushResult(PushOutcome.Sent);
    }

    private static bool Has(Dictionary<string, string[]> sets, string type, string? address, bool isOurs) =>
        !isOurs || (sets.GetValueOrDefault(type) ?? []).SequenceEqual(address is null ? [] : [address]);

    private ReadOnlyMemory<byte> Body(OutwardName name, PushedAddresses addresses, string subname, string markName, string[] marks, int ttl)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            WriteSet(json, markName, "TXT", ttl, marks);
            if (name.HasIPv4)
            {
                WriteSet(json, subname, "A", ttl, Records(addresses.IPv4));
            }

            if (name.HasIPv6)
            {
                WriteSet(json, subname, "AAAA", ttl, Records(addresses.IPv6));
            }

            json.WriteEndArray();
        }

        return buffer.WrittenMemory;
    }

    private static string[] Records(string? address) => address is null ? [] : [address];

    // A set without records is deleted.
    private static void WriteSet(Utf8JsonWriter json, string subname, string type, int ttl, string[] records)
    {
        json.WriteStartObject();
        json.WriteString("subname", subname);
        json.WriteString("type", type);
        json.WriteNumber("ttl", ttl);
        json.WriteStartArray("records");
        foreach (var record in records)
        {
            json.WriteStringValue(record);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private async Task<(Dictionary<string, string[]>? Sets, PushResult? Failure)> SetsAsync(Uri domain, string subname, string secret, CancellationToken cancel)
    {
        var (body, failure) = await api.AskAsync(HttpMethod.Get, new Uri(domain, $"rrsets/?subname={Uri.EscapeDataString(subname)}"), secret, default, cancel);
        using var document = body;
        return document is null
            ? (null, failure)
            : (document.RootElement.EnumerateArray().Where(set => set.GetProperty("subname").GetString() == subname).ToDictionary(
                set => set.GetProperty("type").GetString()!,
                set => set.GetProperty("records").EnumerateArray().Select(record => record.GetString()!).ToArray()), null);
    }
}
