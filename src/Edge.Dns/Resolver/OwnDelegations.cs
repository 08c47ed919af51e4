using System.Collections.Immutable;
using System.Net;
using System.Runtime.CompilerServices;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Resolver;

/// <summary>Finds the parts of our zones that other servers have, as the zones are now.</summary>
/// <param name="zones">The zones served now; null while none are loaded.</param>
/// <param name="mayAsk">Whether clients of a view may ask for names that are not ours.</param>
public sealed class OwnDelegations(Func<ZoneSet?> zones, Func<string, bool> mayAsk)
{
    // As many as are believed of a zone anywhere.
    private const int MaxServers = 20;
    private static readonly RecordType[] AddressTypes = [RecordType.A, RecordType.AAAA];

    /// <summary>No zone has any.</summary>
    public static OwnDelegations None { get; } = new(static () => null, static _ => false);

    /// <summary>Whether a name lies below a delegation in a zone of ours. Allocates nothing.</summary>
    /// <param name="name">A name in wire form.</param>
    public bool Covers(ReadOnlySpan<byte> name) => TryFind(name, out _, out _, out _, out _);

    /// <summary>The delegation that a name lies at or below; null when it lies below none. The first view that has one and whose clients may ask counts.</summary>
    /// <param name="name">A name in wire form.</param>
    public OwnDelegation? Find(ReadOnlySpan<byte> name)
    {
        if (!TryFind(name, out var all, out var view, out var zone, out var found))
        {
            return null;
        }

        var cut = found.Node.Owner;
        var targets = found.RRset.ToRRset(cut).Records.Select(record => Name.FromWire(record.Data.Wire)).Distinct().Take(MaxServers);
        return new OwnDelegation(zone.Origin, cut, [.. targets.Select(target => (target, Addresses(all, view, target)))]);
    }

    [SkipLocalsInit]
    private bool TryFind(ReadOnlySpan<byte> name, out ZoneSet all, out int view, out Zone zone, out LookupResult found)
    {
        (all, view, zone, found) = (null!, 0, null!, default);
        if (zones() is not { } set)
        {
            return false;
        }

        all = set;
        Span<byte> starts = stackalloc byte[NameSuffixes.MaxCount];
        Span<int> hashes = stackalloc int[NameSuffixes.MaxCount];
        var suffixes = new NameSuffixes(name, starts, hashes);
        for (view = 0; view < set.Views.Length; view++)
        {
            if (set.Find(view, suffixes) is { } candidate && mayAsk(set.Views[view]))
            {
                zone = candidate;
                found = candidate.Lookup(suffixes, RecordType.A);
                if (found.Kind == LookupKind.Delegation)
                {
                    return true;
                }
            }
        }

        return false;
    }

    // Glue, or what another zone of ours says of the server: somebody has declared both.
    private static ImmutableArray<IPAddress> Addresses(ZoneSet all, int view, Name server) => all.Find(view, server.Wire) is not { } home ? [] :
    [
        .. AddressTypes.SelectMany(type => home.Find(server, type)?.Data ?? []).Select(data => new IPAddress(data.Wire)),
    ];
}
