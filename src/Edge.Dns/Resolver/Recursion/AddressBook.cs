using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Recursion;

/// <summary>Addresses of name servers as the zones they lie in say them; an empty one that there are none.</summary>
internal sealed class AddressBook(RecursionOptions options)
{
    private const uint LongestTtl = 86400;
    // A server without an address may get one soon, and is asked for again and again meanwhile.
    private const uint LongestNegativeTtl = 900;
    private const uint ShortestTtl = 5;

    private readonly BoundedCache<Name, Entry> _ipv4 = new(options.MaxServers, options.MaxBytes / 2, NameKeys.Instance);
    private readonly BoundedCache<Name, Entry> _ipv6 = new(options.MaxServers, options.MaxBytes / 2, NameKeys.Instance);

    /// <summary>What is known; null when nothing is.</summary>
    public ImmutableArray<IPAddress>? Find(Name server, RecordType type, long now) =>
        Cache(type).Find(server) is { } entry && now < entry.ExpiresAt ? entry.Addresses : null;

    public void Put(Name server, RecordType type, ImmutableArray<IPAddress> addresses, uint ttl, long now)
    {
        var seconds = Math.Clamp(ttl, ShortestTtl, addresses.IsEmpty ? LongestNegativeTtl : LongestTtl);
        Cache(type).Put(server, new Entry(addresses, now + (seconds * 1000L)), 200 + server.Wire.Length + (80 * addresses.Length));
    }

    private BoundedCache<Name, Entry> Cache(RecordType type) => type == RecordType.A ? _ipv4 : _ipv6;

    private sealed record Entry(ImmutableArray<IPAddress> Addresses, long ExpiresAt);
}
