using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Wire;

namespace Edge.Dns.Multicast;

/// <summary>Makes names ours on one link, keeps them, and gives them back (RFC 6762 §8 to §10).</summary>
internal sealed class LinkResponder
{
    private static readonly TimeSpan AfterLostTie = TimeSpan.FromSeconds(1);

    private readonly MulticastContext _context;
    private readonly Action<UniqueName> _rename;
    private readonly Action<UniqueName> _win;
    private readonly Appointment _tick;
    private readonly Dictionary<UniqueName, Claim> _claims = [];
    private readonly Dictionary<Name, Claim> _byOwner = [];
    private readonly LinkAnswers _answers;
    private bool _ended;

    /// <param name="link">The link.</param>
    /// <param name="context">Agenda and way out.</param>
    /// <param name="rename">Gives a name its next form on every link.</param>
    /// <param name="win">Told of a name that was probed for on this link without objection.</param>
    public LinkResponder(MulticastLink link, MulticastContext context, Action<UniqueName> rename, Action<UniqueName> win)
    {
        (Link, _context, _rename, _win) = (link, context, rename, win);
        _tick = new Appointment(context.Agenda, Tick);
        _answers = new LinkAnswers(this, context);
    }

    public MulticastLink Link { get; private set; }

    public IReadOnlyDictionary<Name, Claim> ByOwner => _byOwner;

    /// <summary>Of how many records it is remembered when they were said.</summary>
    public int Remembered => _answers.Remembered;

    public IEnumerable<Claim> Answered => _byOwner.Values.Where(claim => claim.IsAnswered);

    /// <summary>Takes the services, and the addresses of the link, as they are now.</summary>
    public void Use(MulticastLink link, IReadOnlyCollection<PublishedService> services)
    {
        Link = link;
        var wanted = new Dictionary<UniqueName, (PublishedService Service, ImmutableArray<MulticastRecord> Records)>();
        foreach (var service in services)
        {
            if (service.Declared.AddressesOn(link) is { IsEmpty: false } addresses)
            {
                foreach (var name in service.Names)
                {
                    wanted[name] = (service, service.Unique(name, addresses));
                }
            }
        }

        Withdraw([.. _claims.Values.Where(claim => !wanted.ContainsKey(claim.Name))]);
        var delay = _context.Now + _context.Between(0, 250);
        foreach (var (name, (service, records)) in wanted)
        {
            if (!_claims.TryGetValue(name, out var claim))
            {
                _claims[name] = claim = new Claim(name, service);
                claim.Use(service, records);
                Begin(claim, delay);
            }
            else
            {
                Change(claim, service, records);
            }
        }

        Schedule();
    }

    /// <summary>Begins anew with a name that has another form now.</summary>
    public void Renamed(UniqueName name)
    {
        foreach (var claim in _claims.Values.Where(claim => ReferenceEquals(claim.Name, name)).ToList())
        {
            if (claim.IsAnswered)
            {
                Goodbye([claim]);
            }

            _byOwner.Remove(claim.Owner);
            _answers.Forget(claim);
            claim.Use(claim.Service, claim.Service.Unique(name, claim.Service.Declared.AddressesOn(Link)));
            Begin(claim, _context.Now + _context.Between(0, 250));
        }

        // The instances lead to the host.
        foreach (var claim in _claims.Values.Where(claim => !ReferenceEquals(claim.Name, name) && ReferenceEquals(claim.Service.Host, name)))
        {
            Change(claim, claim.Service, claim.Service.Unique(claim.Name, []));
        }

        Schedule();
    }

    /// <summary>Whether nobody has objected here to a name, or nobody was asked.</summary>
    public bool Has(UniqueName name) => !_claims.TryGetValue(name, out var claim) || claim.IsAnswered;

    /// <summary>Takes leave of everybody (RFC 6762 §10.1).</summary>
    public void End()
    {
        _ended = true;
        Goodbye([.. _claims.Values.Where(claim => claim.IsAnswered)]);
    }

    /// <summary>The link is gone, with whoever would hear us.</summary>
    public void Drop() => _ended = true;

    /// <summary>Takes a query.</summary>
    public void Query(MulticastMessage query, IPEndPoint source, bool isToGroup)
    {
        var proposed = query.Authority.ToLookup(record => record.Owner);
        foreach (var name in query.Questions.Where(question => question.Type == RecordType.ANY && proposed.Contains(question.Name)).Select(question => question.Name).Distinct())
        {
            if (_byOwner.TryGetValue(name, out var claim) && claim.Phase == ClaimPhase.Probing)
            {
                Break(claim, proposed[name]);
            }
        }

        _answers.Take(query, source, isToGroup);
    }

    /// <summary>Takes what others say.</summary>
    public void Response(IReadOnlyList<MulticastRecord> records)
    {
        foreach (var record in records)
        {
            if (_byOwner.TryGetValue(record.Owner, out var claim))
            {
                Hear(claim, record);
            }
        }

        _answers.Hear(records);
    }

    private void Hear(Claim claim, MulticastRecord record)
    {
        if (claim.Unique.FirstOrDefault(record.SaysTheSame) is { } ours)
        {
            // RFC 6762 §6.6: who hears it gone, or going before its time, is told again; he is anyway while it is being told of.
            if (record.Ttl < ours.Ttl / 2 && claim.Phase == ClaimPhase.Established)
            {
                claim.Announce(_context.Now);
                _tick.By(claim.Due);
            }
        }
        else if (record.Ttl > 0 && record.Type != RecordType.NSEC && claim.IsKnown)
        {
            Conflict(claim);
        }
    }

    // RFC 6762 §9: whoever had it already keeps it; who probes for it takes another one. Either way probing begins anew, so that
    // one packet takes one name from us at most, whatever else is in it.
    private void Conflict(Claim claim)
    {
        Conflicts++;
        _context.Pace.Note(_context.Now);
        if (claim.IsAnswered)
        {
            claim.Probe(Patient(_context.Now));
            _tick.By(claim.Due);
        }
        else
        {
            _rename(claim.Name);
        }
    }

    /// <summary>How often somebody else had a name.</summary>
    public long Conflicts { get; private set; }

    private void Break(Claim claim, IEnumerable<MulticastRecord> theirs)
    {
        if (TieBreak.Compare(claim.Unique, theirs) < 0)
        {
            claim.GiveWay(_context.Now + AfterLostTie);
            _tick.By(claim.Due);
        }
    }

    private void Begin(Claim claim, TimeSpan from)
    {
        claim.Probe(Patient(from));
        _byOwner[claim.Owner] = claim;
    }

    private TimeSpan Patient(TimeSpan from) => _context.Pace.From(from, _context.Now);

    private void Change(Claim claim, PublishedService service, ImmutableArray<MulticastRecord> records)
    {
        var before = claim.Unique;
        var shared = claim.Shared;
        if (!claim.Use(service, records))
        {
            return;
        }

        _answers.Forget(claim);

        // A whole type that is gone is not flushed by what is left (RFC 6762 §8.4), and a subtype by nothing.
        if (claim.IsAnswered && before.Where(old => records.All(record => record.Type != old.Type)).Concat(shared.Except(claim.Shared)).ToList() is { Count: > 0 } gone)
        {
            _context.Send(Link, MulticastPackets.Response([.. gone.Select(record => record with { Ttl = 0 })], []));
        }

        claim.Announce(_context.Now);
    }

    private void Withdraw(List<Claim> claims)
    {
        Goodbye([.. claims.Where(claim => claim.IsAnswered)]);
        foreach (var claim in claims)
        {
            _claims.Remove(claim.Name);
            _byOwner.Remove(claim.Owner);
            _answers.Forget(claim);
        }
    }

    // A type is gone when its last instance is.
    private void Goodbye(List<Claim> leaving)
    {
        var staying = _claims.Values.Except(leaving).Where(claim => claim.IsAnswered).SelectMany(claim => claim.Shared).ToHashSet();
        var said = leaving.SelectMany(claim => claim.Records).Distinct().Where(record => !staying.Contains(record)).Select(record => record with { Ttl = 0 }).ToList();
        _context.Send(Link, MulticastPackets.Response(said, []));
    }

    private void Schedule()
    {
        var next = _claims.Values.Select(claim => claim.Due).DefaultIfEmpty(TimeSpan.MaxValue).Min();
        if (next != TimeSpan.MaxValue)
        {
            _tick.By(next);
        }
    }

    private void Tick()
    {
        var now = _context.Now;
        var due = _claims.Values.Where(claim => claim.Due <= now).ToList();
        if (_ended)
        {
            return;
        }

        due.Where(claim => claim.TryEnd(now)).ToList().ForEach(claim => _win(claim.Name));
        var probing = due.Where(claim => claim.Phase == ClaimPhase.Probing).ToList();
        var announcing = due.Where(claim => claim.Phase == ClaimPhase.Announcing).ToList();
        _context.Send(Link, MulticastPackets.Probe([.. probing.Select(claim => (new MulticastQuestion(claim.Owner, RecordType.ANY, claim.IsFirstProbe), (IReadOnlyList<MulticastRecord>)claim.Unique))]));
        var told = announcing.SelectMany(claim => claim.Records).Distinct().ToList();
        _context.Send(Link, MulticastPackets.Response(told, [.. announcing.Select(claim => PublishedService.NoOthers(claim.Owner, claim.Unique))]));
        _answers.Told(told);
        due.ForEach(claim => claim.Advance(now));
        Schedule();
    }
}
