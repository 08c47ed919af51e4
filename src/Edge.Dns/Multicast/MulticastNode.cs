using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Wire;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Multicast;

/// <summary>
/// An mDNS responder and querier (RFC 6762, RFC 6763): says on every link what is published, asks for hosts and services, and
/// tells when what is known of them has changed. Nothing in it waits.
/// </summary>
public sealed partial class MulticastNode : IDisposable
{
    private const int MostFoundHosts = 512;

    private readonly Lock _gate = new();
    private readonly IMulticastWire _wire;
    private readonly ILogger _log;
    private readonly Agenda _agenda;
    private readonly MulticastContext _context;
    private readonly Querier _querier;
    private readonly FloodGate _flood = new();
    private readonly Func<string, int> _numbers;
    private readonly ITimer _timer;
    private readonly List<LinkResponder> _links = [];
    private readonly List<(string Key, int Number)> _renamed = [];
    private ImmutableArray<PublishedService> _services = [];
    private ImmutableArray<Name> _hosts = [];
    private ImmutableArray<string> _types = [];
    private MulticastCounters _counters = MulticastCounters.None;
    private long _conflictsOfLinksGone;
    private bool _ended;

    /// <summary>Follows the links of the wire.</summary>
    /// <param name="wire">The links.</param>
    /// <param name="numbers">The number that a name got in an earlier life because another has it; 1 for none.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Chance, by which many that start together keep out of each other's way.</param>
    /// <param name="log">Told of names that others have.</param>
    public MulticastNode(IMulticastWire wire, Func<string, int> numbers, TimeProvider time, Random random, ILogger<MulticastNode> log)
    {
        (_wire, _numbers, _log) = (wire, numbers, log);
        _agenda = new Agenda(time);
        _context = new MulticastContext(_agenda, random);
        _querier = new Querier(_context, () => _links.Select(responder => responder.Link));
        _timer = time.CreateTimer(_ => Do(_agenda.Run), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        wire.LinksChanged += FollowLinks;
        wire.Received += Receive;
        FollowLinks();
    }

    /// <summary>Raised when hosts or instances that are asked for have changed, outside of every lock.</summary>
    public event Action? HeardChanged;

    /// <summary>Raised with a name as it was wanted and the number under which it became ours, for whoever remembers it.</summary>
    public event Action<string, int>? Renamed;

    /// <summary>What was received so far.</summary>
    public MulticastCounters Counters
    {
        get
        {
            lock (_gate)
            {
                return _counters with { Sent = _context.PacketsSent, Refused = _context.Refused, Conflicts = _conflictsOfLinksGone + _links.Sum(link => link.Conflicts) };
            }
        }
    }

    /// <summary>The host names of what is published, as they are now on the wire.</summary>
    public ImmutableArray<(string Label, Name Host)> Hosts
    {
        get
        {
            lock (_gate)
            {
                return [.. _services.Select(service => (service.Declared.Label, service.Host.Current))];
            }
        }
    }

    /// <summary>Publishes this and nothing else, each label once; what was published before and is not among it is taken back.</summary>
    public void Publish(ImmutableArray<Publication> publications) => Do(() =>
    {
        var before = _services.ToDictionary(service => service.Declared.Label, StringComparer.Ordinal);
        _services = [.. publications.DistinctBy(one => one.Label).Select(one => before.TryGetValue(one.Label, out var known) && known.Declared.Equals(one) ? known : new PublishedService(one, _numbers, known))];
        _links.ForEach(link => link.Use(link.Link, _services));
    });

    /// <summary>Asks for these hosts from now on, and for instances of these types ("_http._tcp").</summary>
    public void Ask(ImmutableArray<Name> hosts, ImmutableArray<string> types) => Do(() =>
    {
        (_hosts, _types) = (hosts, types);
        Want();
    });

    /// <summary>What is known of a host that is asked for.</summary>
    public HeardHost Heard(Name host)
    {
        lock (_gate)
        {
            return HeardText.Host(_querier, host);
        }
    }

    /// <summary>The instances found so far.</summary>
    public ImmutableArray<FoundInstance> Found()
    {
        lock (_gate)
        {
            return [.. _types.SelectMany(type => HeardText.Instances(_querier, DnsSdNames.WithoutSubtype(type), DnsSdNames.Type(type, DnsSdNames.Local))).Distinct()];
        }
    }

    /// <summary>The types that neighbours say they have, while any is asked for (RFC 6763 §9).</summary>
    public ImmutableArray<string> Types()
    {
        lock (_gate)
        {
            return [.. _querier.Known(DnsSdNames.Types, RecordType.PTR).Select(record => DnsSdNames.TypeText(Name.FromWire(record.Data.Wire))).Distinct().Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>Ends.</summary>
    /// <param name="sayGoodbye">Whether what is published ends as well; not when another process goes on with it.</param>
    public void End(bool sayGoodbye)
    {
        _wire.LinksChanged -= FollowLinks;
        _wire.Received -= Receive;
        Do(() =>
        {
            _ended = true;
            _querier.End();
            _links.ForEach(sayGoodbye ? link => link.End() : link => link.Drop());
        });
        _timer.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => End(sayGoodbye: true);

    private void Receive(MulticastPacket packet) => Do(() =>
    {
        _counters = _counters with { Received = _counters.Received + 1 };
        var now = _agenda.Now;
        if (IsOwn(packet, now))
        {
            _counters = _counters with { Own = _counters.Own + 1 };
        }
        else if (!_flood.Admits(packet.Source.Address, now))
        {
            _counters = _counters with { Flooding = _counters.Flooding + 1 };
        }
        else if (!packet.IsToGroup && !packet.Link.IsOnLink(packet.Source.Address))
        {
            // RFC 6762 §11: what comes by way of a router is not for us; what was sent to the group cannot have.
            _counters = _counters with { Strange = _counters.Strange + 1 };
        }
        else if (!MulticastMessage.TryParse(packet.Bytes.Span, out var message))
        {
            _counters = _counters with { Malformed = _counters.Malformed + 1 };
        }
        else
        {
            Take(packet, message);
        }
    });

    private void Take(MulticastPacket packet, MulticastMessage message)
    {
        var responder = _links.Find(link => link.Link.IsSame(packet.Link));
        if (responder is null || (message.IsResponse && packet.Source.Port != LinkSocket.Port))
        {
            // RFC 6762 §11, §6: a response from another port is a trick.
            _counters = _counters with { Strange = _counters.Strange + 1 };
            return;
        }

        if (!message.IsResponse)
        {
            _querier.Query(message, responder.Link);
            responder.Query(message, packet.Source, packet.IsToGroup);
            return;
        }

        List<MulticastRecord> said = [.. message.Answers, .. message.Additional];
        responder.Response(said);
        _querier.Response(said, responder.Link, packet.Source.Address);
    }

    private bool IsOwn(MulticastPacket packet, TimeSpan now) =>
        packet.Source.Port == LinkSocket.Port
        && _links.Exists(link => link.Link.IsOwn(packet.Source.Address))
        && _context.Sent.Contains(packet.Bytes.Span, now);

    private void FollowLinks() => Do(() =>
    {
        var now = _wire.Links;
        foreach (var gone in _links.Where(link => !now.Any(link.Link.IsSame)).ToList())
        {
            gone.Drop();
            _conflictsOfLinksGone += gone.Conflicts;
            _links.Remove(gone);
        }

        var isNew = false;
        foreach (var link in now)
        {
            var responder = _links.Find(one => one.Link.IsSame(link));
            if (responder is null)
            {
                isNew = true;
                _links.Add(responder = new LinkResponder(link, _context, Rename, Win));
            }

            responder.Use(link, _services);
        }

        if (isNew)
        {
            _querier.LinksChanged();
        }
    });

    // A name that another of ours has is no way out.
    private void Rename(UniqueName name)
    {
        do
        {
            name.Next();
        }
        while (_services.SelectMany(service => service.Names).Any(other => !ReferenceEquals(other, name) && other.Current == name.Current));

        _links.ForEach(link => link.Renamed(name));
    }

    // A name is ours when no link is left on which somebody may object. What it was called on the way there is nobody's concern.
    private void Win(UniqueName name)
    {
        var before = name.Won;
        if (_links.TrueForAll(link => link.Has(name)) && name.Win())
        {
            Log.NameIsTaken(_log, before.ToHostString(), name.Current.ToHostString());
            _renamed.Add((name.Key, name.Number));
        }
    }

    private void Want()
    {
        var wanted = _hosts.SelectMany(Addresses).ToHashSet();
        var found = new HashSet<Name>();
        if (!_types.IsEmpty)
        {
            wanted.Add((DnsSdNames.Types, RecordType.PTR));
        }

        foreach (var type in _types.Select(type => DnsSdNames.Type(type, DnsSdNames.Local)))
        {
            wanted.Add((type, RecordType.PTR));
            foreach (var instance in _querier.Known(type, RecordType.PTR).Select(record => Name.FromWire(record.Data.Wire)))
            {
                wanted.Add((instance, RecordType.SRV));
                wanted.Add((instance, RecordType.TXT));
                found.UnionWith(_querier.Known(instance, RecordType.SRV).Select(HeardText.Target));
            }
        }

        wanted.UnionWith(found.Take(MostFoundHosts).SelectMany(Addresses));
        _querier.Want(wanted);

        static (Name, RecordType)[] Addresses(Name host) => [(host, RecordType.A), (host, RecordType.AAAA)];
    }

    private void Do(Action action)
    {
        bool isOther;
        List<(MulticastLink Link, byte[] Packet, IPEndPoint? To)> packets;
        List<(string Key, int Number)> renamed;
        lock (_gate)
        {
            if (!_ended)
            {
                Try(action);
            }

            for (isOther = false; _querier.HasChanged; isOther = true)
            {
                _querier.HasChanged = false;
                Want();
            }

            (packets, renamed) = (_context.TakeOut(), [.. _renamed]);
            _renamed.Clear();
            if (_agenda.Wait is { } wait && !_ended)
            {
                _timer.Change(wait + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
            }
        }

        packets.ForEach(one => _wire.Send(one.Link, one.Packet, one.To));
        Try(() => renamed.ForEach(one => Renamed?.Invoke(one.Key, one.Number)));
        if (isOther)
        {
            Try(() => HeardChanged?.Invoke());
        }
    }

    // Whatever a neighbour has found, mDNS goes on.
    private void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception unexpected)
        {
            Log.Failed(_log, unexpected);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1810, LogLevel.Warning, "Another device of the LAN is called {Taken}; ours is {Name} from now on")]
        public static partial void NameIsTaken(ILogger log, string taken, string name);

        [LoggerMessage(1811, LogLevel.Error, "A message or a task of mDNS failed; everything else goes on")]
        public static partial void Failed(ILogger log, Exception error);
    }
}
