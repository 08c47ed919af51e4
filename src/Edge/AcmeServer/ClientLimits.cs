using System.Collections.Concurrent;
using System.Net;

namespace Edge.AcmeServer;

/// <summary>How much one client, an address of IPv4 or a /64 of IPv6, may ask for in an hour: a device that has lost its mind does not fill the store.</summary>
internal sealed class ClientLimits(Func<IPAddress, IPNetwork> networkOf, TimeProvider time)
{
    /// <summary>Seconds to wait where it was too much.</summary>
    public const int RetryAfter = 600;

    private const int Accounts = 20;
    private const int Orders = 120;
    private const int MostClients = 4096;
    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<(IPNetwork, bool), Count> _counts = new();

    public bool MayMakeAccount(IPAddress client) => May(networkOf(client), true, Accounts);

    public bool MayOrder(IPAddress client) => May(networkOf(client), false, Orders);

    private bool May(IPNetwork client, bool account, int most)
    {
        var now = time.GetUtcNow();
        if (_counts.Count > MostClients)
        {
            foreach (var (key, old) in _counts)
            {
                if (now - old.Begin > Window)
                {
                    _counts.TryRemove(key, out _);
                }
            }
        }

        var count = _counts.AddOrUpdate((client, account), _ => new Count(now, 1), (_, before) => now - before.Begin > Window ? new Count(now, 1) : before with { Number = before.Number + 1 });
        return count.Number <= most && _counts.Count <= MostClients * 2;
    }

    private sealed record Count(DateTimeOffset Begin, int Number);
}
