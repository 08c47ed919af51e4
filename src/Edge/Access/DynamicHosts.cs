using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;

namespace Edge.Access;

/// <summary>
/// Hosts whose addresses change, looked up again as soon as their TTL is over. While they cannot be looked up, the
/// addresses known last stay; a host that is answered to have none lets nobody in.
/// </summary>
/// <param name="resolve">The addresses of a host; null when they cannot be learned now.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Told about changes and failures.</param>
internal sealed partial class DynamicHosts(Func<string, CancellationToken, Task<DynamicHost?>> resolve, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ForgottenAfter = TimeSpan.FromHours(24);

    private readonly ConcurrentDictionary<string, Followed> _hosts = new(StringComparer.Ordinal);

    /// <summary>Whether the client is at the host: its very IPv4 address, or the /64 of its IPv6 address.</summary>
    public ValueTask<bool> HoldsAsync(string host, IPAddress client, CancellationToken cancel)
    {
        var followed = _hosts.GetOrAdd(host, static _ => new Followed());
        followed.LastAsked = time.GetUtcNow();
        // The first time somebody has to wait; from then on the loop keeps it fresh.
        return followed.Known is { } known ? ValueTask.FromResult(Holds(known, client)) : LearnAsync(host, followed, client, cancel);
    }

    /// <summary>Looks up what is due.</summary>
    public async Task RefreshAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        foreach (var (host, followed) in _hosts)
        {
            if (now - followed.LastAsked > ForgottenAfter)
            {
                _hosts.TryRemove(host, out _);
            }
            else if (followed.Known is not null && now >= followed.Due)
            {
                await LookUpAsync(host, followed, cancel);
            }
        }
    }

    private async ValueTask<bool> LearnAsync(string host, Followed followed, IPAddress client, CancellationToken cancel)
    {
        await followed.Turn.WaitAsync(cancel);
        try
        {
            if (followed.Known is null && time.GetUtcNow() >= followed.Due)
            {
                await LookUpAsync(host, followed, cancel);
            }
        }
        finally
        {
            followed.Turn.Release();
        }

        return followed.Known is { } known && Holds(known, client);
    }

    private async Task LookUpAsync(string host, Followed followed, CancellationToken cancel)
    {
        DynamicHost? found;
        try
        {
            found = await resolve(host, cancel);
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            Log.Failed(log, host, failed.Message);
            found = null;
        }

        var now = time.GetUtcNow();
        if (found is null)
        {
            followed.Due = now + RetryAfter;
            if (!followed.Failing)
            {
                followed.Failing = true;
                Log.Failed(log, host, "it cannot be looked up");
            }

            return;
        }

        if (followed.Known is not { } before || !before.SequenceEqual(found.Addresses))
        {
            Found(host, found.Addresses);
        }

        (followed.Failing, followed.Known) = (false, found.Addresses);
        followed.Due = now + (found.Addresses.IsEmpty ? RetryAfter : found.TimeToLive < Shortest ? Shortest : found.TimeToLive > Longest ? Longest : found.TimeToLive);
    }

    // That a host has no address any more is an answer too: the address it had may be somebody else's line by now.
    private void Found(string host, ImmutableArray<IPAddress> addresses)
    {
        if (addresses.IsEmpty)
        {
            Log.Nowhere(log, host);
        }
        else
        {
            Log.Found(log, host, string.Join(", ", addresses));
        }
    }

    private static bool Holds(ImmutableArray<IPAddress> known, IPAddress client)
    {
        var key = ClientKey.Of(client);
        foreach (var address in known)
        {
            if (ClientKey.Of(address) == key)
            {
                return true;
            }
        }

        return false;
    }

    private sealed class Followed
    {
        private object? _known;

        public SemaphoreSlim Turn { get; } = new(1, 1);

        public DateTimeOffset LastAsked { get; set; }

        public DateTimeOffset Due { get; set; }

        public bool Failing { get; set; }

        public ImmutableArray<IPAddress>? Known
        {
            get => (ImmutableArray<IPAddress>?)Volatile.Read(ref _known);
            set => Volatile.Write(ref _known, value);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5230, LogLevel.Information, "ddns:{Host} is {Addresses}")]
        public static partial void Found(ILogger log, string host, string addresses);

        [LoggerMessage(5231, LogLevel.Warning, "ddns:{Host} cannot be looked up, and what was known of it stays: {Reason}")]
        public static partial void Failed(ILogger log, string host, string reason);

        [LoggerMessage(5232, LogLevel.Warning, "ddns:{Host} has no address, so nobody is let in by it until it has one")]
        public static partial void Nowhere(ILogger log, string host);
    }
}
