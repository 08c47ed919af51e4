using System.Net;

namespace Edge.Access;

/// <summary>
/// Bans that hold nobody any more. Who is never banned is let in, also where a ban is older than that: a ban of nobody else is none,
/// and the rest of a wider one holds, with holes.
/// </summary>
/// <param name="setup">The clock, and where it is told.</param>
/// <param name="exempt">Knows who is never banned.</param>
internal sealed partial class SparedBans(BanSetup setup, ExemptNetworks exempt)
{
    private HashSet<IPNetwork> _spared = [];
    private HashSet<IPNetwork> _holed = [];

    /// <summary>Whether a ban of this network holds nobody.</summary>
    public bool Contains(IPNetwork network) => _spared.Contains(network);

    /// <summary>Looks at all bans, and tells of those that have become so.</summary>
    public void Look(IEnumerable<Ban> bans, BanOptions options)
    {
        var now = setup.Time.GetUtcNow();
        var (spared, holed) = (_spared, _holed);
        List<IPNetwork> all = [.. bans.Where(ban => ban.Until > now).Select(ban => ban.Network)];
        _spared = [.. all.Where(network => exempt.Fill(network, options))];
        _holed = [.. all.Where(network => !_spared.Contains(network) && exempt.Reach(network, options))];
        if (_spared.Except(spared).ToList() is { Count: > 0 } lifted)
        {
            Log.Lifted(setup.Log, lifted.Count, Ban.Text(lifted[0]));
        }

        if (_holed.Except(holed).ToList() is { Count: > 0 } rest)
        {
            Log.Holed(setup.Log, rest.Count, Ban.Text(rest[0]));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5245, LogLevel.Warning, "{Count} bans hold no longer, since all whom they name are of the LAN or of access.bans.never: {First} and the like")]
        public static partial void Lifted(ILogger log, int count, string first);

        [LoggerMessage(5246, LogLevel.Information, "{Count} bans hold for all but those in them who are of the LAN or of access.bans.never: {First} and the like")]
        public static partial void Holed(ILogger log, int count, string first);
    }
}
