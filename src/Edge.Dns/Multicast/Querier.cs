using System.Net;
using Edge.Dns.Dnssec;
using Edge.Dns.Wire;

namespace Edge.Dns.Multicast;

/// <summary>
/// Asks on all links and keeps what is answered: of what was asked and nothing else, so that nobody fills it with what he
/// pleases (RFC 6762 §5.2, §7, §10).
/// </summary>
internal sealed class Querier
{
    private const int MostAddresses = 16;
    private const int MostOfInstance = 4;
    private const int MostInstances = 512;
    private const int MostInstancesOfSource = 64;

    // RFC 6763 §6.2 recommends no longer ones.
    private const int LongestText = 1300;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>How long what was said last of a host or a service that fell silent is kept.</summary>
    internal static readonly TimeSpan Memory = TimeSpan.FromHours(1);

    private readonly MulticastContext _context;
    private readonly Func<IEnumerable<MulticastLink>> _links;
    private readonly Appointment _tick;
    private readonly Dictionary<(Name Name, RecordType Type), Inquiry> _inquiries = [];
    private bool _ended;

    public Querier(MulticastContext context, Func<IEnumerable<MulticastLink>> links)
    {
        (_context, _links) = (context, links);
        _tick = new Appointment(context.Agenda, Tick);
    }

    /// <summary>Whether what is known has changed since this was taken last.</summary>
    public bool HasChanged { get; set; }

    /// <summary>Asks what is wanted, and forgets the rest.</summary>
    public void Want(IReadOnlySet<(Name Name, RecordType Type)> wanted)
    {
        foreach (var gone in _inquiries.Keys.Where(key => !wanted.Contains(key)).ToList())
        {
            HasChanged |= _inquiries[gone].Records.Count > 0;
            _inquiries.Remove(gone);
        }

        // RFC 6762 §5.2: the first question waits a moment, so that many that start together do not ask together.
        var from = _context.Now + _context.Between(20, 120);
        foreach (var key in wanted.Where(key => !_inquiries.ContainsKey(key)))
        {
            (_inquiries[key] = new Inquiry(key.Name, key.Type)).Begin(from);
        }

        Schedule();
    }

    /// <summary>What is known of a name.</summary>
    public IReadOnlyList<HeardRecord> Known(Name name, RecordType type) => _inquiries.TryGetValue((name, type), out var inquiry) ? inquiry.Records : [];

    /// <summary>A link came or went: everything is asked anew.</summary>
    public void LinksChanged()
    {
        var from = _context.Now + _context.Between(20, 120);
        foreach (var inquiry in _inquiries.Values)
        {
            inquiry.Begin(from);
        }

        Schedule();
    }

    public void End() => _ended = true;

    /// <summary>Another asks what we are about to ask: the answer is for us as well (RFC 6762 §7.3), if he does not know more than we do.</summary>
    public void Query(MulticastMessage query, MulticastLink link)
    {
        if (query.IsTruncated || !query.Questions.Exists(question => !question.UnicastResponse && _inquiries.ContainsKey((question.Name, question.Type))))
        {
            return;
        }

        var known = new KnownAnswers(query.Answers);
        var byOwner = query.Answers.ToLookup(record => record.Owner);
        foreach (var question in query.Questions.Where(question => !question.UnicastResponse))
        {
            if (!_inquiries.TryGetValue((question.Name, question.Type), out var inquiry))
            {
                continue;
            }

            Doubt(inquiry, known, link);
            if (inquiry.WasAsked && inquiry.Next - _context.Now < Second)
            {
                var ours = inquiry.Records.Select(one => one.Data).ToHashSet();
                if (byOwner[question.Name].All(record => ours.Contains(record.Data)))
                {
                    inquiry.Asked(_context.Now);
                }
            }
        }
    }

    private void Doubt(Inquiry inquiry, KnownAnswers known, MulticastLink link)
    {
        foreach (var record in inquiry.Records)
        {
            if (record.InterfaceIndex == link.Index && !known.Contains(inquiry.Name, inquiry.Type, record.Data) && record.Doubt(_context.Now))
            {
                _tick.By(record.Due);
            }
        }
    }

    public void Response(IReadOnlyList<MulticastRecord> records, MulticastLink link, IPAddress source)
    {
        foreach (var record in records)
        {
            if (record.Type == RecordType.NSEC)
            {
                Deny(record, link);
            }
            else if (_inquiries.TryGetValue((record.Owner, record.Type), out var inquiry))
            {
                Hear(inquiry, record, link, source);
            }
        }

        // RFC 6762 §10.2: what a unique record replaces has a second left, unless it was heard within the last one, as of several records that come one by one.
        foreach (var set in records.Where(record => record.CacheFlush && _inquiries.ContainsKey((record.Owner, record.Type))).GroupBy(record => (record.Owner, record.Type)))
        {
            var said = set.Select(record => record.Data).ToHashSet();
            End(_inquiries[set.Key].Records.Where(old => old.InterfaceIndex == link.Index && _context.Now - old.Heard > Second && !said.Contains(old.Data)));
        }
    }

    private void Hear(Inquiry inquiry, MulticastRecord record, MulticastLink link, IPAddress source)
    {
        var known = inquiry.Find(link.Index, record.Data);
        if (record.Ttl == 0)
        {
            End(known is null ? [] : [known]);
            return;
        }

        if (known is null && !HasRoom(inquiry, source))
        {
            // Who is silent makes room for who is not.
            HasChanged |= inquiry.RemoveAll(one => one.IsStale) > 0;
        }

        if (!IsBelievable(record, link) || (known is null && !HasRoom(inquiry, source)))
        {
            _context.Refused++;
            return;
        }

        if (known is null or { IsDismissed: true })
        {
            inquiry.Add(known = new HeardRecord(record.Data, link, source));
            HasChanged = true;
        }

        // Silent ones that come back are what they were; others that were silent have been replaced.
        HasChanged |= known.IsStale;
        known.Hear(record.Ttl, _context.Now, _context.Between(0, 1).TotalMilliseconds);
        _tick.By(known.Due);
        HasChanged |= record.CacheFlush && inquiry.RemoveAll(one => one.IsStale && one.InterfaceIndex == link.Index) > 0;
    }

    // An address that is not the neighbour's own leads elsewhere: into a container of his, or to whom he wants to be taken for.
    private static bool IsBelievable(MulticastRecord record, MulticastLink link) => record.Type switch
    {
        RecordType.A or RecordType.AAAA => new IPAddress(record.Data.Wire) is { IsIPv6LinkLocal: false, IsIPv6Multicast: false } address && !IPAddress.IsLoopback(address) && link.IsOnLink(address),
        RecordType.PTR => Name.FromWire(record.Data.Wire) is var target && (record.Owner == DnsSdNames.Types ? IsType(target) : IsInstance(target, record.Owner)),
        RecordType.SRV => Name.FromWire(record.Data.Wire[6..]) is { LabelCount: > 1 } target && target.IsAtOrBelow(DnsSdNames.Local),
        RecordType.TXT => record.Data.Wire.Length <= LongestText,
        _ => true,
    };

    // RFC 6763 §7.1: what a subtype leads to is an instance of its type.
    private static bool IsInstance(Name target, Name owner)
    {
        var type = owner.Parent is { } parent && parent.FirstLabel.SequenceEqual("_sub"u8) ? parent.Parent! : owner;
        return target.LabelCount == type.LabelCount + 1 && target.IsAtOrBelow(type);
    }

    private static bool IsType(Name target) => target.LabelCount == DnsSdNames.Local.LabelCount + 2 && target.IsAtOrBelow(DnsSdNames.Local)
        && target.FirstLabel is [(byte)'_', ..] && target.Parent!.FirstLabel is [(byte)'_', ..];

    private static bool HasRoom(Inquiry inquiry, IPAddress source) =>
        inquiry.Type == RecordType.PTR
            ? inquiry.Records.Count < MostInstances && inquiry.CountOf(source) < MostInstancesOfSource
            : inquiry.Records.Count < (inquiry.IsForAddress ? MostAddresses : MostOfInstance);

    private void Deny(MulticastRecord denial, MulticastLink link)
    {
        var types = denial.Data.Wire[RDataNames.NameLength(denial.Data.Wire)..];
        foreach (var inquiry in (ReadOnlySpan<RecordType>)[RecordType.A, RecordType.AAAA])
        {
            if (_inquiries.TryGetValue((denial.Owner, inquiry), out var asked) && !TypeBitmap.Contains(types, inquiry))
            {
                End(asked.Records.Where(record => record.InterfaceIndex == link.Index));
            }
        }
    }

    private void End(IEnumerable<HeardRecord> records)
    {
        foreach (var record in records)
        {
            // One that is silent had its time already.
            record.EndBy(record.IsStale ? _context.Now : _context.Now + Second);
            _tick.By(record.Due);
            HasChanged |= record.IsStale;
        }
    }

    private void Schedule()
    {
        if (_inquiries.Count > 0)
        {
            _tick.By(_inquiries.Values.Min(inquiry => inquiry.Due));
        }
    }

    private void Tick()
    {
        var now = _context.Now;
        var due = _inquiries.Values.Where(inquiry => inquiry.Due <= now).ToList();
        if (_ended)
        {
            return;
        }

        due.ForEach(inquiry => Age(inquiry, now));
        var asking = due.Where(inquiry => inquiry.Next <= now || inquiry.Records.Any(record => record.NextRefresh <= now)).ToList();
        foreach (var link in asking.Count > 0 ? _links() : [])
        {
            var known = asking.SelectMany(inquiry => inquiry.Records.Where(record => record.InterfaceIndex == link.Index && record.KnownTtl(now) > 0)
                .Select(record => new MulticastRecord(inquiry.Name, inquiry.Type, record.KnownTtl(now), record.Data, false))).ToList();
            _context.Send(link, MulticastPackets.Query([.. asking.Select(inquiry => new MulticastQuestion(inquiry.Name, inquiry.Type, !inquiry.WasAsked))], known));
        }

        foreach (var inquiry in asking)
        {
            if (inquiry.Next <= now)
            {
                inquiry.Asked(now);
            }

            inquiry.Records.Where(record => record.NextRefresh <= now).ToList().ForEach(record => record.Refreshed(_context.Between(0, 1).TotalMilliseconds));
        }

        Schedule();
    }

    // What was taken back is gone; what was said of a host or a service that said nothing of its leaving stays for a while, in case it only sleeps.
    private void Age(Inquiry inquiry, TimeSpan now)
    {
        var ended = inquiry.Records.Where(record => record.Ends <= now && !record.IsStale).ToList();
        foreach (var record in ended)
        {
            if (!record.IsDismissed)
            {
                record.BeStale();
            }
        }

        if (ended.Count > 0)
        {
            HasChanged = true;
            inquiry.Begin(now);
        }

        HasChanged |= inquiry.RemoveAll(record => record.IsStale ? now - record.Heard >= Memory || record.IsDismissed : record.Ends <= now) > 0;
    }
}
