using System.Collections.Concurrent;
using System.Net;

namespace Edge.AcmeServer;

/// <summary>
/// How much one client may ask for in an hour: a device that has lost its mind does not fill the store. A client is an address, of IPv6
/// as well: only the LAN is served, and a LAN is one /64.
/// </summary>
internal sealed class ClientLimits(TimeProvider time)
{
    /// <summary>Seconds to wait where it was too much.</summary>
    public const int RetryAfter = 600;

    private const int Accounts = 20;
    private const int Orders = 120;
    private const int Refusals = 10;
    private const int MostClients = 4096;
    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<(IPAddress, Wish), Count> _counts = new();

    private enum Wish
    {
        Account,
        Order,
        Refusal,
    }

    public bool MayMakeAccount(IPAddress client) => May(client, Wish.Account, Accounts);

    public bool MayOrder(IPAddress client) => May(client, Wish.Order, Orders);

    /// <summary>Whether the log says what a client was refused: it does not fill that either.</summary>
    public bool IsTold(IPAddress client) => May(client, Wish.Refusal, Refusals);

    private bool May(IPAddress client, Wish wish, int most)
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

        var count = _counts.AddOrUpdate((client, wish), _ => new Count(now, 1), (_, before) => now - before.Begin > Window ? new Count(now, 1) : before with { Number = before.Number + 1 });
        return count.Number <= most && _counts.Count <= MostClients * 2;
    }

    private sealed record Count(DateTimeOffset Begin, int Number);
}
