using System.Buffers.Binary;
using System.Net;

namespace Edge.Access;

/// <summary>
/// IPv6 networks of which so much is banned that they are one client: providers give a house a /56, and who has one goes from /64 to
/// /64. One /64 alone says nothing of its neighbours, and nothing wider is anybody's for sure: mobile carriers and hosters give
/// each of their customers a /64.
/// </summary>
internal static class WiderNetworks
{
    /// <summary>Why they are banned.</summary>
    public const string Reason = "many of its /64";

    private const int Counted = 64;
    private const int Wide = 56;
    private const int Most = 8;

    /// <summary>Those around bans that are new.</summary>
    /// <param name="added">The new ones.</param>
    /// <param name="all">Every ban, the new ones among them.</param>
    /// <param name="now">The time.</param>
    public static IEnumerable<IPNetwork> Of(IReadOnlyCollection<Ban> added, IReadOnlyCollection<Ban> all, DateTimeOffset now)
    {
        var touched = added.Where(IsCounted).Select(Around).ToHashSet();
        if (touched.Count == 0)
        {
            return [];
        }

        var active = all.Where(ban => ban.Until > now).ToList();
        var known = active.Select(ban => ban.Network).ToHashSet();
        return active.Where(IsCounted).GroupBy(Around).Where(group => touched.Contains(group.Key) && group.Count() >= Most).Select(group => Network(group.Key)).Where(network => !known.Contains(network));
    }

    /// <summary>Whether a ban is one of those that made a wider one.</summary>
    public static bool Made(Ban wide, Ban ban) => wide.Source == Ban.ByEdge && wide.Reason == Reason && IsCounted(ban) && wide.Holds(ban.Network);

    private static bool IsCounted(Ban ban) => ban is { Source: Ban.ByEdge, Network.PrefixLength: Counted };

    private static ulong Around(Ban ban) => ClientKey.Of(ban.Network.BaseAddress).High >> (Counted - Wide);

    private static IPNetwork Network(ulong wide)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(bytes, wide << (Counted - Wide));
        return new IPNetwork(new IPAddress(bytes), Wide);
    }
}
