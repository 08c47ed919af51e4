using System.Collections.Immutable;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Names.Designation;

/// <summary>
/// Tells clients that they can ask this resolver under encryption, and where (RFC 9462): "_dns.resolver.arpa" for those
/// that know only our address (§4), "_dns.NAME" for those that know our name (§5). Only in views whose clients may ask
/// for all names, and only while our certificate is valid for the name: what cannot be proven is not offered.
/// </summary>
internal sealed class ResolverDesignation : IZoneSource, IDisposable
{
    private const uint Ttl = 300;

    // A certificate that has expired, or is there again, is noticed as soon as anybody should care.
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly Name Arpa = Dns.Wire.Name.Parse("resolver.arpa");

    private readonly Name _name;
    private readonly EncryptedListeners _listeners;
    private readonly Func<bool> _isCertified;
    private readonly ITimer _timer;
    private readonly Lock _writing = new();
    private ImmutableArray<ViewAddresses> _views = [];
    private ImmutableArray<(string View, ImmutableArray<DesignatedTransport> Transports)> _designated = [];
    private volatile ZoneContribution _current = ZoneContribution.Empty;

    /// <param name="name">The name by which we prove who we are: that of this box.</param>
    /// <param name="listeners">The encrypted listeners.</param>
    /// <param name="isCertified">Whether our certificate is valid for the name now.</param>
    /// <param name="time">The clock.</param>
    public ResolverDesignation(Name name, EncryptedListeners listeners, Func<bool> isCertified, TimeProvider time)
    {
        (_name, _listeners, _isCertified) = (name, listeners, isCertified);
        _timer = time.CreateTimer(_ => Renew(), null, Interval, Interval);
    }

    public string Name => "designated resolvers";

    public ZoneContribution Current => _current;

    public event Action? Changed;

    /// <summary>Takes over the views whose clients are told, with the addresses of this box in each.</summary>
    public void Use(ImmutableArray<ViewAddresses> views)
    {
        lock (_writing)
        {
            _views = views;
        }

        Renew();
    }

    public void Dispose() => _timer.Dispose();

    private void Renew()
    {
        lock (_writing)
        {
            var designated = _isCertified()
                ? [.. _views.Select(view => (view.View, Transports: _listeners.At(view.Addresses))).Where(view => !view.Transports.IsEmpty)]
                : ImmutableArray<(string View, ImmutableArray<DesignatedTransport> Transports)>.Empty;
            if (designated.Length == _designated.Length && designated.Zip(_designated).All(pair => pair.First.View == pair.Second.View && pair.First.Transports.SequenceEqual(pair.Second.Transports)))
            {
                return;
            }

            _designated = designated;
            _current = new ZoneContribution([.. designated.Select(view => Zone(view.View, view.Transports))], [.. designated.SelectMany(view => ByName(view.View, view.Transports))]);
        }

        Changed?.Invoke();
    }

    // A zone of our own goes before the special name, which says NODATA for all of resolver.arpa (§6.4).
    private DeclaredZone Zone(string view, ImmutableArray<DesignatedTransport> transports)
    {
        var soa = RData.Soa(_name, _name.Prepend("hostmaster"), serial: 1, refresh: 7200, retry: 900, expire: 1_209_600, minimum: Ttl);
        return new DeclaredZone(Arpa, view,
        [
            Record(Arpa, RecordType.SOA, soa),
            Record(Arpa, RecordType.NS, RData.Target(_name)),
            .. transports.Select(transport => Record(Arpa.Prepend("_dns"), RecordType.SVCB, Service(transport))),
        ]);
    }

    private IEnumerable<OverlayRecord> ByName(string view, ImmutableArray<DesignatedTransport> transports) =>
        transports.Select(transport => new OverlayRecord(view, Record(_name.Prepend("_dns"), RecordType.SVCB, Service(transport)), OverlayMode.Fill));

    private RData Service(DesignatedTransport transport) => new([(byte)(transport.Priority >> 8), (byte)transport.Priority, .. _name.Wire, .. transport.Parameters()]);

    private static ResourceRecord Record(Name owner, RecordType type, RData data) => new(owner, type, Ttl, data, new RecordSource("edge.yaml: dns.advertise"));
}
