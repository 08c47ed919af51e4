using System.Buffers;
using System.Text.Json;

namespace Edge.Outward;

/// <summary>The API of Cloudflare (developers.cloudflare.com/api, "DNS Records"): single records with ids, changed together by a batch.</summary>
internal sealed class CloudflareWay(OwnershipMark mark, ApiClient api) : IOutwardWay
{
    private const int Ttl = 60;

    public async Task<PushResult> PushAsync(OutwardName name, PushedAddresses addresses, bool hasSent, string secret, CancellationToken cancel)
    {
        var (zones, failure) = await api.AskAsync(HttpMethod.Get, new Uri(name.Url!, $"zones?name={name.Zone}"), secret, default, cancel);
        using var found = zones;
        if (found is null)
        {
            return failure!;
        }

        if (found.RootElement.GetProperty("result").EnumerateArray().FirstOrDefault() is not { ValueKind: JsonValueKind.Object } zone)
        {
            return PushResult.Refused($"the token knows no zone {name.Zone}");
        }

        var records = new Uri(name.Url!, $"zones/{zone.GetProperty("id").GetString()}/dns_records");
        var (atName, first) = await RecordsAsync(records, name.Host, secret, cancel);
        var (atMark, second) = await RecordsAsync(records, OwnershipMark.NameOf(name.Host), secret, cancel);
        if (atName is null || atMark is null)
        {
            return (first ?? second)!;
        }

        string[] types = [.. name.HasIPv4 ? (string[])["A"] : [], .. name.HasIPv6 ? (string[])["AAAA"] : []];
        var texts = atMark.Where(record => record.Type == "TXT").ToList();
        var marks = mark.Find(texts.Select(record => record.Content), hasSent);
        var claim = marks.ClaimOf(atName.Any(record => record.Type == "CNAME" || types.Contains(record.Type)));
        if (claim == Claim.Foreign)
        {
            return marks.Foreign(name.Host);
        }

        // What is right stays; of the rest the old goes before the new comes, in one transaction.
        List<(string Type, string? Content)> wanted = [("A", addresses.IPv4), ("AAAA", addresses.IPv6)];
        var gone = atName.Where(record => types.Contains(record.Type) && !wanted.Contains((record.Type, record.Content))).Select(record => record.Id)
            .Concat(texts.Where(record => marks.IsStale(record.Content)).Select(record => record.Id)).ToList();
        var added = wanted.Where(one => one.Content is not null && !atName.Any(record => record.Type == one.Type && record.Content == one.Content))
            .Select(one => (Name: name.Host, one.Type, Content: one.Content!)).ToList();
        if (!marks.Ours.Contains(mark.Text))
        {
            added.Insert(0, (OwnershipMark.NameOf(name.Host), "TXT", $"\"{mark.Text}\""));
        }

        if (gone.Count + added.Count == 0)
        {
            return new PushResult(PushOutcome.Unchanged);
        }

        var (done, refused) = await api.AskAsync(HttpMethod.Post, new Uri(records.AbsoluteUri + "/batch"), secret, Body(gone, added), cancel);
        done?.Dispose();
        return refused ?? new PushResult(PushOutcome.Sent);
    }

    private static ReadOnlyMemory<byte> Body(List<string> gone, List<(string Name, string Type, string Content)> added)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("deletes");
            foreach (var id in gone)
            {
                json.WriteStartObject();
                json.WriteString("id", id);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("posts");
            foreach (var (host, type, content) in added)
            {
                json.WriteStartObject();
                json.WriteString("name", host);
                json.WriteString("type", type);
                json.WriteString("content", content);
                json.WriteNumber("ttl", Ttl);
                json.WriteBoolean("proxied", false);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private async Task<(List<(string Id, string Type, string Content)>? Records, PushResult? Failure)> RecordsAsync(Uri records, string host, string secret, CancellationToken cancel)
    {
        var (body, failure) = await api.AskAsync(HttpMethod.Get, new Uri($"{records.AbsoluteUri}?name={host}&per_page=100"), secret, default, cancel);
        using var document = body;
        return document is null
            ? (null, failure)
            : ([.. document.RootElement.GetProperty("result").EnumerateArray()
                .Where(record => string.Equals(record.GetProperty("name").GetString(), host, StringComparison.OrdinalIgnoreCase))
                .Select(record => (record.GetProperty("id").GetString()!, record.GetProperty("type").GetString()!, record.GetProperty("content").GetString() ?? ""))], null);
    }
}
