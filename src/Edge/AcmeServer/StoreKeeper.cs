using System.Net;
using Edge.Acme;

namespace Edge.AcmeServer;

/// <summary>
/// Keeps what is stored from growing without end, and one device that has lost its mind from using up what is there for all: what came
/// to nothing makes room when there is none, and what nobody has used for long is forgotten.
/// </summary>
internal sealed class StoreKeeper(AcmeServerStore store, AcmeServerOptions options, TimeProvider time)
{
    private const int MostOrders = 5000;
    private const int MostOfOne = 300;
    private const int MostAccounts = 5000;
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);
    private static readonly TimeSpan UsedKept = TimeSpan.FromDays(30);
    private static readonly TimeSpan AccountsKept = TimeSpan.FromDays(180);

    private DateTimeOffset _cleaned;

    /// <summary>Whether a client's account may have one more order.</summary>
    public async Task<bool> HasRoomForOrderAsync(string account, IPAddress client, CancellationToken cancel)
    {
        var (now, asking) = (time.GetUtcNow(), client.ToString());
        await CleanAsync(now, cancel);
        var orders = await store.OrdersAsync(cancel);
        if (orders.Count >= MostOrders)
        {
            await ForgetAsync(orders, order => now >= order.Expires || order.Status(now) == "invalid", cancel);
        }

        if (orders.Count >= MostOrders)
        {
            // Its certificate stays; who ordered it has fetched it within the hour.
            await ForgetAsync(orders, order => order.Status(now) == "valid" && order.Expires - OrderDesk.Life + Hour < now, cancel);
        }

        // What has come to its end, good or bad, takes nobody's place.
        var open = orders.Where(order => order.Status(now) is "pending" or "ready").ToList();
        return orders.Count < MostOrders && open.Count(order => order.Account == account) < MostOfOne && open.Count(order => order.Client == asking) < MostOfOne;
    }

    /// <summary>Whether there may be one more account.</summary>
    public async Task<bool> HasRoomForAccountAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        await CleanAsync(now, cancel);
        var accounts = await store.AccountsAsync(cancel);
        return accounts.Count < MostAccounts || await ForgetAccountsAsync(
            account => account.Deactivated ? account.Created < now - AccountsKept : account.Used is { } used ? used < now - UsedKept : account.Created < now - Day, cancel) < MostAccounts;
    }

    private async Task CleanAsync(DateTimeOffset now, CancellationToken cancel)
    {
        // Also where the clock was set back.
        if ((now - _cleaned).Duration() < Day)
        {
            return;
        }

        _cleaned = now;
        await ForgetAsync(await store.OrdersAsync(cancel), order => order.Expires < now - Kept, cancel);
        foreach (var certificate in (await store.CertificatesAsync(cancel)).Where(certificate => certificate.NotAfter < now - Kept))
        {
            await store.ForgetAsync(certificate, cancel);
        }

        // RFC 8555 §7.3.6: the key of one that was deactivated is good for nothing any more.
        await ForgetAccountsAsync(account => !account.Deactivated && (account.Used ?? account.Created) < now - AccountsKept, cancel);
    }

    private async Task ForgetAsync(List<ServerOrder> orders, Predicate<ServerOrder> isOver, CancellationToken cancel)
    {
        foreach (var order in orders.FindAll(isOver))
        {
            await store.ForgetAsync(order, cancel);
        }

        orders.RemoveAll(isOver);
    }

    // Those that have neither certificate nor order. One that the owner let in by a key (RFC 8555 §7.3.4) may not get in again by itself.
    private async Task<int> ForgetAccountsAsync(Predicate<ServerAccount> isIdle, CancellationToken cancel)
    {
        var used = (await store.OrdersAsync(cancel)).Select(order => order.Account).Concat((await store.CertificatesAsync(cancel)).Select(certificate => certificate.Account)).ToHashSet(StringComparer.Ordinal);
        var accounts = await store.AccountsAsync(cancel);
        var idle = accounts.FindAll(account => isIdle(account) && !account.Bound && options.AccountKeys.IsEmpty && !used.Contains(account.Id));
        foreach (var account in idle)
        {
            await store.ForgetAsync(account, JsonWebKey.Thumbprint(account.Key), isIdle, cancel);
        }

        return accounts.Count - idle.Count;
    }
}
