using System.Net;
using Edge.Stores;

namespace Edge.Access;

/// <summary>The bans in the store, where they outlive a restart and other boxes see them.</summary>
/// <param name="setup">The store; null to keep nothing.</param>
/// <param name="known">The ban of a network as it is now; null for none.</param>
internal sealed partial class KeptBans(BanSetup setup, Func<IPNetwork, Ban?> known)
{
    private const int MostWrites = 256;

    /// <summary>Every ban that can be read.</summary>
    /// <exception cref="StoreUnavailableException">The store cannot be read.</exception>
    public async Task<IReadOnlyList<Ban>> LoadAsync(CancellationToken cancel) =>
        setup.Store is null ? [] : [.. (await setup.Store.ListAsync(BanManager.Prefix, cancel)).Entries.Select(entry => BanFormat.Read(entry.Value)).OfType<Ban>()];

    /// <summary>Writes what is known of a network; a store that is away is told of, and nothing else comes of it.</summary>
    public async Task KeepAsync(IPNetwork network, CancellationToken cancel)
    {
        try
        {
            await WriteAsync(network, cancel);
        }
        catch (StoreUnavailableException away)
        {
            Log.NotKept(setup.Log, Ban.Text(network), away.Message);
        }
    }

    /// <summary>The same for many, some at a time.</summary>
    public async Task KeepAsync(IEnumerable<IPNetwork> networks, CancellationToken cancel)
    {
        foreach (var some in networks.Chunk(MostWrites))
        {
            await Task.WhenAll(some.Select(network => KeepAsync(network, cancel)));
        }
    }

    /// <summary>Writes what is known of a network. Several may write of one: what stands in the store at the end is what holds then.</summary>
    /// <exception cref="StoreUnavailableException">It could not be written.</exception>
    public async Task WriteAsync(IPNetwork network, CancellationToken cancel)
    {
        var written = known(network);
        for (var again = setup.Store is not null; again; again = written != (written = known(network)))
        {
            if (written is null)
            {
                await setup.Store!.DeleteAsync(BanManager.Prefix + network, null, cancel);
            }
            else
            {
                await setup.Store!.PutAsync(BanManager.Prefix + network, BanFormat.Write(written), null, null, cancel);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5243, LogLevel.Error, "What was said of the ban of {Network} holds until the next start, since it could not be stored: {Reason}")]
        public static partial void NotKept(ILogger log, string network, string reason);
    }
}
