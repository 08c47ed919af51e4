using Edge.Stores;

namespace Edge.DynamicDns;

/// <summary>How names end: by a person, or because nobody sent them again.</summary>
internal sealed partial class DynamicAddresses
{
    /// <summary>Forgets a name. False when there is none.</summary>
    /// <exception cref="StoreUnavailableException">It could not be kept.</exception>
    public async Task<bool> RemoveAsync(string host, CancellationToken cancel)
    {
        await _writing.WaitAsync(cancel);
        try
        {
            if (!_byHost.TryGetValue(host, out var address))
            {
                return false;
            }

            await StoreAsync([Without(host)]);
            Publish(host, null);
            Log.Removed(setup.Log, host, address.Token);
            return true;
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Forgets the names that were lent and not sent again.</summary>
    public async Task EndAsync(CancellationToken cancel)
    {
        if (_lent.Due.Count == 0)
        {
            return;
        }

        await _writing.WaitAsync(cancel);
        try
        {
            var ended = _lent.Due.Select(host => _byHost.GetValueOrDefault(host)).OfType<DynamicAddress>().ToList();
            await StoreAsync([.. ended.Select(address => Without(address.Host))]);
            records.Publish(ended.Select(address => Without(address.Host)));
            ended.ForEach(address => Log.Ended(setup.Log, address.Host, address.Token));
        }
        catch (StoreUnavailableException away)
        {
            // The next look ends it.
            Log.NotKept(setup.Log, "what has ended", away.Message);
        }
        finally
        {
            _writing.Release();
        }
    }

    private static KeyValuePair<string, DynamicAddress?> Without(string host) => KeyValuePair.Create<string, DynamicAddress?>(host, null);
}
