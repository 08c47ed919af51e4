using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Upstreams;

/// <summary>
/// Finds the addresses of upstreams that are given by name, through resolvers that are given by address. What was
/// found once serves until something newer is found: an upstream that moves seldom must not be lost because the
/// helper is away.
/// </summary>
internal sealed class Bootstrap(UpstreamSet helpers, UpstreamParts parts, ForwarderOptions options)
{
    private static readonly TimeSpan ShortestUse = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Found> _found = new();

    /// <summary>The addresses of a host.</summary>
    /// <exception cref="IOException">Nobody knows them; the message says why.</exception>
    public async ValueTask<ImmutableArray<IPAddress>> FindAsync(string host, CancellationToken cancel)
    {
        if (_found.TryGetValue(host, out var known) && parts.Time.GetUtcNow() < known.Until)
        {
            return known.Addresses;
        }

        var name = Name.Parse(host);
        var v4 = AskAsync(name, RecordType.A, cancel);
        var v6 = AskAsync(name, RecordType.AAAA, cancel);
        var (four, six) = (await v4.ConfigureAwait(false), await v6.ConfigureAwait(false));
        ImmutableArray<ResourceRecord> records = [.. Addresses(four, RecordType.A), .. Addresses(six, RecordType.AAAA)];
        if (records.IsEmpty)
        {
            return known?.Addresses ?? throw new IOException($"{host} has no address that can be found: {Reason(four)}");
        }

        var ttl = TimeSpan.FromSeconds(records.Min(record => record.Ttl));
        var fresh = new Found([.. records.Select(record => new IPAddress(record.Data.Wire))], parts.Time.GetUtcNow() + (ttl > ShortestUse ? ttl : ShortestUse));
        _found[host] = fresh;
        return fresh.Addresses;
    }

    private Task<OriginAnswer> AskAsync(Name name, RecordType type, CancellationToken cancel) =>
        new Inquiry(helpers, parts, options, new QuestionKey(name, type, 0)).RunAsync(cancel);

    private static IEnumerable<ResourceRecord> Addresses(OriginAnswer answer, RecordType type) =>
        answer.Message?.Answer.Where(record => record.Type == type && record.Data.Wire.Length is 4 or 16) ?? [];

    private static string Reason(OriginAnswer answer) => answer.Message is { } message ? message.Rcode.ToString() : "no helper answers";

    private sealed record Found(ImmutableArray<IPAddress> Addresses, DateTimeOffset Until);
}
