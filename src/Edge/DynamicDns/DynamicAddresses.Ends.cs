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

            await ForgetAsync(address);
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
        var now = setup.Time.GetUtcNow();
        if (!All.Any(address => address.Ends <= now))
        {
            return;
        }

        await _writing.WaitAsync(cancel);
        try
        {
            foreach (var address in All.Where(address => address.Ends <= now).ToList())
            {
                await ForgetAsync(address);
                Log.Ended(setup.Log, address.Host, address.Token);
            }
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

    private async Task ForgetAsync(DynamicAddress address)
    {
        await setup.Store.DeleteAsync(Prefix + address.Host, null, CancellationToken.None);
        _byHost = _byHost.Remove(address.Host);
        Publish(address.Host, null);
    }
}
