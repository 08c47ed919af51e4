using System.Text.Json;
using Edge.Stores;

namespace Edge.DynamicDns;

/// <summary>What is kept: on the disk, then in memory.</summary>
internal sealed partial class DynamicAddresses
{
    // False when it could not be kept; nothing was changed then but when names end.
    private async Task<bool> KeepAsync(IReadOnlyCollection<KeyValuePair<string, DynamicAddress?>> wanted)
    {
        var before = _byHost;
        try
        {
            await StoreAsync(wanted);
        }
        catch (StoreUnavailableException away)
        {
            Log.NotKept(setup.Log, string.Join(", ", wanted.Select(one => one.Key)), away.Message);
            Prolong(wanted);
            return wanted.All(one => _byHost.GetValueOrDefault(one.Key) == one.Value);
        }

        foreach (var (host, address) in wanted)
        {
            Tell(host, address, before.GetValueOrDefault(host));
        }

        return true;
    }

    // Whoever sends a name is alive, whatever the disk says: as with leases of services, its time begins anew in memory.
    private void Prolong(IReadOnlyCollection<KeyValuePair<string, DynamicAddress?>> wanted)
    {
        var (next, now) = (_byHost.ToBuilder(), setup.Time.GetUtcNow());
        foreach (var (host, address) in wanted)
        {
            if (address is not null && _byHost.TryGetValue(host, out var had) && had.Token == address.Token)
            {
                next[host] = had with { Ends = address.Ends, Granted = address.Granted };
                _lent.Set(host, address.Ends - now);
            }
        }

        _byHost = next.ToImmutable();
    }

    // All of them or none. A name that says the same as before has its time begun anew all the same.
    private async Task StoreAsync(IReadOnlyCollection<KeyValuePair<string, DynamicAddress?>> wanted)
    {
        var changed = wanted.Where(one => _byHost.GetValueOrDefault(one.Key) != one.Value).ToList();
        if (changed.Count > 0)
        {
            await setup.Store.WriteAsync([.. changed.Select(one => new StoreEdit(Prefix + one.Key, one.Value is null ? null : Bytes(one.Value)))], CancellationToken.None);
        }

        var (next, now) = (_byHost.ToBuilder(), setup.Time.GetUtcNow());
        foreach (var (host, address) in wanted)
        {
            _lent.Set(host, address?.Ends - now);
            if (address is null)
            {
                next.Remove(host);
            }
            else
            {
                next[host] = address;
            }
        }

        _byHost = next.ToImmutable();
    }

    // An end that the start made another is written down; where it cannot be, the next start does the same.
    private async Task KeepBegunAsync(IReadOnlyCollection<DynamicAddress> begun)
    {
        try
        {
            if (begun.Count > 0)
            {
                await setup.Store.WriteAsync([.. begun.Select(address => new StoreEdit(Prefix + address.Host, Bytes(address)))], CancellationToken.None);
            }
        }
        catch (StoreUnavailableException away)
        {
            Log.NotKept(setup.Log, "when names end that could not be sent while Edge was down", away.Message);
        }
    }

    private static ReadOnlyMemory<byte>? Bytes(DynamicAddress address) => JsonSerializer.SerializeToUtf8Bytes(address, DynamicDnsJson.Default.DynamicAddress);

    private void Tell(string host, DynamicAddress? address, DynamicAddress? had)
    {
        if (address is null)
        {
            if (had is not null)
            {
                Log.Removed(setup.Log, host, had.Token);
            }

            return;
        }

        if (!address.AnswersAs(had) && (address.IPv4, address.IPv6, address.IsForLanOnly) != (had?.IPv4, had?.IPv6, had?.IsForLanOnly ?? address.IsForLanOnly))
        {
            Log.Updated(setup.Log, host, address is { IPv4: null, IPv6: null } ? "without an address" : string.Join(' ', new[] { address.IPv4, address.IPv6 }.Where(text => text is not null)), address.Token);
        }

        if (address.Challenges != had?.Challenges)
        {
            Log.Challenged(setup.Log, DynamicAddress.ChallengeLabel, host, address.Challenges?.Split(' ').Length ?? 0, address.Token);
        }
    }
}
