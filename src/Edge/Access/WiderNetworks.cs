using System.Buffers.Binary;
using System.Net;

namespace Edge.Access;

/// <summary>
/// IPv6 networks of which so much is banned that they are one client: providers give a house a /56 or a /48, and who has one
/// goes from /64 to /64. One /64 alone says nothing of its neighbours, who may be other people's.
/// </summary>
internal static class WiderNetworks
{
    /// <summary>Why they are banned.</summary>
    public const string Reason = "many of its /64";

    private const int Counted = 64;

    private static readonly (int Length, int Most)[] Rules = [(56, 8), (48, 32)];

    /// <summary>Those around bans that are new.</summary>
    /// <param name="added">The new ones.</param>
    /// <param name="all">Every ban, the new ones among them.</param>
    /// <param name="now">The time.</param>
    public static IEnumerable<IPNetwork> Of(IReadOnlyCollection<Ban> added, IReadOnlyCollection<Ban> all, DateTimeOffset now)
    {
        if (!added.Any(IsCounted))
        {
            yield break;
        }

        var active = all.Where(ban => ban.Until > now).ToList();
        var networks = active.Where(IsCounted).Select(ban => ClientKey.Of(ban.Network.BaseAddress).High).ToList();
        var known = active.Select(ban => ban.Network).ToHashSet();
        var fresh = added.Where(IsCounted).Select(ban => ClientKey.Of(ban.Network.BaseAddress).High).ToList();
        foreach (var (length, most) in Rules)
        {
            var touched = fresh.Select(high => high >> (Counted - length)).ToHashSet();
            foreach (var wide in networks.Select(high => high >> (Counted - length)).Where(touched.Contains).GroupBy(wide => wide).Where(group => group.Count() >= most))
            {
                if (Network(wide.Key << (Counted - length), length) is var network && !known.Contains(network))
                {
                    yield return network;
                }
            }
        }
    }

    private static bool IsCounted(Ban ban) => ban is { Source: Ban.ByEdge, Network.PrefixLength: Counted };

    private static IPNetwork Network(ulong high, int length)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(bytes, high);
        return new IPNetwork(new IPAddress(bytes), length);
    }
}
