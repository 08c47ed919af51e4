using System.Net;
using Edge.Dns.Wire;

namespace Edge.Dns.Multicast;

/// <summary>Answers questions on one link: to all or to one, at once or with delay, and never more often than needed (RFC 6762 §5.4, §6, §7).</summary>
internal sealed class LinkAnswers
{
    // Both of all askers of the link together.
    private const int MostWaiting = 64;
    private const int MostKnown = 4000;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan QuarterSecond = TimeSpan.FromMilliseconds(250);

    private readonly LinkResponder _responder;
    private readonly MulticastContext _context;
    private readonly Appointment _flush;

    // Only what is ours stands in these two.
    private readonly Dictionary<MulticastRecord, TimeSpan> _pending = [];
    private readonly Dictionary<MulticastRecord, TimeSpan> _told = [];
    private readonly Dictionary<IPEndPoint, HeardQuery> _waiting = [];

    public LinkAnswers(LinkResponder responder, MulticastContext context)
    {
        (_responder, _context) = (responder, context);
        _flush = new Appointment(context.Agenda, Flush);
    }

    public int Remembered => _told.Count;

    public void Take(MulticastMessage query, IPEndPoint source, bool isToGroup)
    {
        if (_waiting.TryGetValue(source, out var waiting))
        {
            // What follows a truncated query: more that is known (RFC 6762 §7.2).
            if (_waiting.Values.Sum(one => one.Known.Count) + query.Answers.Count <= MostKnown)
            {
                waiting.Known.Add(query.Answers);
            }

            if (query.Questions.Count == 0)
            {
                return;
            }
        }

        var heard = new HeardQuery(query);
        if (waiting is null && query.IsTruncated && isToGroup && source.Port == LinkSocket.Port && query.Questions.Count > 0
            && _waiting.Count < MostWaiting && _waiting.Values.Sum(one => one.Known.Count) + heard.Known.Count <= MostKnown)
        {
            _waiting[source] = heard;
            new Appointment(_context.Agenda, () =>
            {
                _waiting.Remove(source);
                Answer(heard, source, isToGroup);
            }).By(_context.Now + _context.Between(400, 500));
            return;
        }

        Answer(heard, source, isToGroup);
    }

    /// <summary>Another has said it to all: we need not (RFC 6762 §7.4).</summary>
    public void Hear(IReadOnlyList<MulticastRecord> records)
    {
        if (_pending.Count > 0)
        {
            var said = new KnownAnswers(records);
            foreach (var same in _pending.Keys.Where(said.Covers).ToList())
            {
                _pending.Remove(same);
            }
        }
    }

    /// <summary>Takes note of what all have heard just now.</summary>
    public void Told(IEnumerable<MulticastRecord> records)
    {
        foreach (var record in records)
        {
            _told[record] = _context.Now;
            _pending.Remove(record);
        }
    }

    /// <summary>The name of a claim is to be another, or nobody's.</summary>
    public void Forget(Claim claim)
    {
        var said = claim.Records.ToHashSet();
        foreach (var record in _told.Keys.Concat(_pending.Keys).Where(record => record.Owner == claim.Owner || said.Contains(record)).ToList())
        {
            _told.Remove(record);
            _pending.Remove(record);
        }
    }

    private void Answer(HeardQuery query, IPEndPoint source, bool isToGroup)
    {
        var (toAll, toOne) = (new HashSet<MulticastRecord>(), new HashSet<MulticastRecord>());
        var isLegacy = source.Port != LinkSocket.Port;
        var shared = Shared(query.Questions);
        foreach (var question in query.Questions)
        {
            foreach (var record in Matching(question, shared).Where(record => !query.Known.Suppress(record)))
            {
                // A name is defended before all: what is sent to one alone reaches only one of the programs that share his port.
                (isLegacy || !isToGroup || (question.UnicastResponse && !query.IsProbe && IsFresh(record)) ? toOne : toAll).Add(record);
            }
        }

        // Whoever is not on the link asks from elsewhere, or has another ask for it: no answer leaves the link (RFC 6762 §5.5).
        if (toOne.Count > 0 && _responder.Link.IsOnLink(source.Address))
        {
            List<MulticastRecord> said = [.. toOne];
            var packets = isLegacy ? [MulticastPackets.Legacy(query.Id, query.Questions, said, Additional(said))] : MulticastPackets.Response(said, Additional(said));
            packets.ForEach(packet => _context.Send(_responder.Link, packet, source));
        }

        if (toAll.Count > 0)
        {
            Reply([.. toAll], query.IsProbe);
        }
    }

    // RFC 6762 §6: at once when it is all ours, else with delay, so that answers of several do not meet. No record goes to all
    // twice within a second, but a probe is answered after a quarter of it.
    private void Reply(List<MulticastRecord> records, bool isProbe)
    {
        var due = _context.Now + (records.TrueForAll(record => record.CacheFlush) ? TimeSpan.Zero : _context.Between(20, 120));
        foreach (var record in records)
        {
            var allowed = _told.TryGetValue(record, out var last) ? last + (isProbe ? QuarterSecond : Second) : TimeSpan.Zero;
            var at = due > allowed ? due : allowed;
            if (!_pending.TryGetValue(record, out var waits) || at < waits)
            {
                _pending[record] = at;
                _flush.By(at);
            }
        }
    }

    private void Flush()
    {
        var now = _context.Now;
        var due = _pending.Where(pending => pending.Value <= now).Select(pending => pending.Key).ToList();
        due.ForEach(record => _pending.Remove(record));

        // A name may have been lost since.
        var ours = _responder.Answered.SelectMany(claim => claim.Records).ToHashSet();
        due.RemoveAll(record => record.Type != RecordType.NSEC && !ours.Contains(record));
        _context.Send(_responder.Link, MulticastPackets.Response(due, Additional(due)));
        Told(due);
        if (_pending.Count > 0)
        {
            _flush.By(_pending.Values.Min());
        }
    }

    private bool IsFresh(MulticastRecord record) => _told.TryGetValue(record, out var last) && _context.Now - last < TimeSpan.FromSeconds(record.Ttl / 4.0);

    // Gone through once for all questions of a packet.
    private ILookup<Name, MulticastRecord> Shared(List<MulticastQuestion> questions)
    {
        var asked = questions.Where(question => question.Type is RecordType.PTR or RecordType.ANY && !_responder.ByOwner.ContainsKey(question.Name)).Select(question => question.Name).ToHashSet();
        return (asked.Count == 0 ? [] : _responder.Answered.SelectMany(one => one.Shared).Where(record => asked.Contains(record.Owner)).Distinct()).ToLookup(record => record.Owner);
    }

    private IEnumerable<MulticastRecord> Matching(MulticastQuestion question, ILookup<Name, MulticastRecord> shared)
    {
        if (_responder.ByOwner.TryGetValue(question.Name, out var claim))
        {
            if (!claim.IsAnswered)
            {
                return [];
            }

            var found = claim.Unique.Where(record => question.Type is RecordType.ANY || record.Type == question.Type).ToList();
            return found.Count > 0 ? found : [PublishedService.NoOthers(claim.Owner, claim.Unique)];
        }

        return question.Type is RecordType.PTR or RecordType.ANY ? shared[question.Name] : [];
    }

    // RFC 6763 §12: what whoever asks will ask next.
    private List<MulticastRecord> Additional(List<MulticastRecord> answers)
    {
        var more = new List<MulticastRecord>();
        foreach (var answer in answers)
        {
            var next = answer.Type switch
            {
                RecordType.PTR => Of(Name.FromWire(answer.Data.Wire)),
                RecordType.SRV => Of(Name.FromWire(answer.Data.Wire[6..])),
                RecordType.A or RecordType.AAAA => Of(answer.Owner),
                _ => [],
            };
            more.AddRange(next);
        }

        // The hosts of the instances.
        more.AddRange(more.Where(record => record.Type == RecordType.SRV).SelectMany(record => Of(Name.FromWire(record.Data.Wire[6..]))).ToList());
        return [.. more.Distinct().Except(answers)];
    }

    private IEnumerable<MulticastRecord> Of(Name owner) => _responder.ByOwner.TryGetValue(owner, out var claim) && claim.IsAnswered ? claim.Unique : [];
}
