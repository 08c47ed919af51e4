using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Settings;
using Microsoft.Extensions.Logging;

namespace Edge.Names;

/// <summary>
/// Follows the IPv6 prefix of this home, and names the hosts that have an end under it. What the kernel says by itself is that an
/// address came or went; that a prefix is withdrawn and its addresses live on for a while, one has to look for.
/// </summary>
internal sealed partial class HomePrefixes : IZoneSource, IDisposable
{
    private const uint Ttl = 60;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly Func<IReadOnlyList<InterfaceAddress>> _read;
    private readonly ILogger _log;
    private readonly ITimer _timer;
    private PrefixOptions _options = PrefixOptions.Default;
    private bool _isUsed;
    private volatile ZoneContribution _current = ZoneContribution.Empty;
    private ImmutableArray<IPNetwork> _prefixes = [];

    /// <param name="read">Gives the addresses of this machine.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Told about another prefix.</param>
    public HomePrefixes(Func<IReadOnlyList<InterfaceAddress>> read, TimeProvider time, ILogger log)
    {
        (_read, _log) = (read, log);
        _timer = time.CreateTimer(_ => Look(), null, LookEvery, LookEvery);
    }

    /// <summary>Raised after the prefixes have become others, and the records of hosts with them.</summary>
    public event Action? Moved;

    public event Action? Changed;

    public string Name => "prefix";

    public ZoneContribution Current => _current;

    /// <summary>The prefixes now.</summary>
    public ImmutableArray<IPNetwork> Prefixes()
    {
        lock (_gate)
        {
            return _prefixes;
        }
    }

    /// <summary>Takes over settings; when the call returns, the prefixes are those of now.</summary>
    public void Use(PrefixOptions options, ImmutableArray<ViewOptions> views)
    {
        lock (_gate)
        {
            _options = options;
            _isUsed = options.Hosts.Length > 0 || views.Any(view => view.Addresses.Any(AddressSuffix.IsOne));
            _prefixes = _isUsed ? options.Current(_read) : [];
            _current = new ZoneContribution([], Records());
        }

        Changed?.Invoke();
    }

    /// <summary>Looks for another prefix.</summary>
    public void Look()
    {
        lock (_gate)
        {
            var now = _isUsed ? _options.Current(_read) : [];
            if (now.SequenceEqual(_prefixes))
            {
                return;
            }

            _prefixes = now;
            _current = new ZoneContribution([], Records());
            Log.Moved(_log, now.IsEmpty ? "none" : string.Join(", ", now));
        }

        Changed?.Invoke();
        Moved?.Invoke();
    }

    public void Dispose() => _timer.Dispose();

    private ImmutableArray<OverlayRecord> Records() =>
    [
        .. from host in _options.Hosts
           from prefix in _prefixes
           let record = new ResourceRecord(host.Owner, RecordType.AAAA, Ttl, RData.Address(AddressSuffix.Under(prefix, host.Suffix)), new RecordSource($"edge.yaml: hosts.{host.Key} under {prefix}"))
           select new OverlayRecord(host.IsForAll ? null : ViewOptions.Lan, record, OverlayMode.Add),
    ];

    private static partial class Log
    {
        [LoggerMessage(3498, LogLevel.Information, "The IPv6 prefix of this home is {Prefixes} now; the addresses under it follow")]
        public static partial void Moved(ILogger log, string prefixes);
    }
}
