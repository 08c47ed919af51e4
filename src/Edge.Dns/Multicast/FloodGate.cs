using System.Net;

namespace Edge.Dns.Multicast;

/// <summary>
/// How many packets are read of each neighbour, and of all of them: a bucket that fills with time. Who sends more is not
/// heard, and whoever invents addresses empties the bucket of all.
/// </summary>
internal sealed class FloodGate
{
    private const int MostSources = 1024;
    private const double PerSource = 50;
    private const double BurstOfSource = 250;
    private const double PerLink = 400;
    private const double BurstOfLink = 2000;

    private static readonly TimeSpan BetweenSweeps = TimeSpan.FromSeconds(1);

    private readonly Dictionary<IPAddress, (double Left, TimeSpan At)> _sources = [];
    private (double Left, TimeSpan At) _all = (BurstOfLink, TimeSpan.Zero);
    private TimeSpan _swept;

    /// <summary>Whether a packet is read.</summary>
    public bool Admits(IPAddress source, TimeSpan now)
    {
        var bucket = _sources.TryGetValue(source, out var known) ? Filled(known, now, PerSource, BurstOfSource) : (Left: BurstOfSource, At: now);
        _all = Filled(_all, now, PerLink, BurstOfLink);
        if (bucket.Left < 1 || _all.Left < 1)
        {
            return false;
        }

        if (_sources.Count >= MostSources && !_sources.ContainsKey(source))
        {
            // Those whose bucket is full again lose nothing by being forgotten. Looking for them is not for every invented address.
            if (now - _swept < BetweenSweeps)
            {
                return false;
            }

            _swept = now;
            foreach (var rested in _sources.Where(one => Filled(one.Value, now, PerSource, BurstOfSource).Left >= BurstOfSource).Select(one => one.Key).ToList())
            {
                _sources.Remove(rested);
            }

            if (_sources.Count >= MostSources)
            {
                return false;
            }
        }

        _sources[source] = (bucket.Left - 1, bucket.At);
        _all = (_all.Left - 1, _all.At);
        return true;
    }

    private static (double Left, TimeSpan At) Filled((double Left, TimeSpan At) bucket, TimeSpan now, double rate, double most) =>
        (Math.Min(most, bucket.Left + (now - bucket.At).TotalSeconds * rate), now);
}
