using System.Net;
using Edge.Dns.Wire;

namespace Edge.Dns.Multicast;

/// <summary>Answers questions on one link: to all or to one, at once or with delay, and never more often than needed (RFC 6762 §5.4, §6, §7).</summary>
internal sealed class LinkAnswers(LinkResponder responder, MulticastContext context)
{
    private const int MostWaiting = 64;
    private const int MostKnown = 2000;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan QuarterSecond = TimeSpan.FromMilliseconds(250);

    private readonly Dictionary<MulticastRecord, TimeSpan> _pending = [];
    private readonly Dictionary<MulticastRecord, TimeSpan> _told = [];
    private readonly Dictionary<IPEndPoint, WaitingQuery> _waiting = [];

    public void Take(MulticastMessage query, IPEndPoint source, bool isToGroup)
    {
        if (_waiting.TryGetValue(source, out var waiting))
        {
            // What follows a truncated query: more that is known (RFC 6762 §7.2).
            if (waiting.Known.Count + query.Answers.Count <= MostKnown)
            {
                waiting.Known.AddRange(query.Answers);
            }

            if (query.Questions.Count == 0)
            {
                return;
            }
        }

        if (query.IsTruncated && isToGroup && source.Port == LinkSocket.Port && query.Questions.Count > 0 && _waiting.Count < MostWaiting)
        {
            if (waiting is null)
            {
                _waiting[source] = new WaitingQuery(query, [.. query.Answers]);
                context.Agenda.At(context.Now + context.Between(400, 500), () =>
                {
                    _waiting.Remove(source, out var whole);
                    Answer(whole!.Query, whole.Known, source, isToGroup);
                });
                return;
            }
        }

        Answer(query, query.Answers, source, isToGroup);
    }

    /// <summary>Another has said it to all: we need not (RFC 6762 §7.4).</summary>
    public void Hear(IEnumerable<MulticastRecord> records)
    {
        foreach (var record in records)
        {
            foreach (var same in _pending.Keys.Where(pending => pending.SaysTheSame(record) && record.Ttl >= pending.Ttl).ToList())
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
            _told[record] = context.Now;
            _pending.Remove(record);
        }
    }

    public void Forget(Claim claim)
    {
        foreach (var record in claim.Records)
        {
            _told.Remove(record);
            _pending.Remove(record);
        }
    }

    private void Answer(MulticastMessage query, List<MulticastRecord> known, IPEndPoint source, bool isToGroup)
    {
        var (toAll, toOne) = (new List<MulticastRecord>(), new List<MulticastRecord>());
        var (isLegacy, isProbe) = (source.Port != LinkSocket.Port, query.Authority.Count > 0);
        foreach (var question in query.Questions)
        {
            // RFC 6762 §7.1: what is known, and is so for half of its time at least, is not said again.
            foreach (var record in Matching(question).Where(record => !known.Any(one => one.SaysTheSame(record) && one.Ttl >= record.Ttl / 2)))
            {
                // A name is defended before all: what is sent to one alone reaches only one of the programs that share his port.
                (isLegacy || !isToGroup || (question.UnicastResponse && !isProbe && IsFresh(record)) ? toOne : toAll).Add(record);
            }
        }

        if (toOne.Count > 0)
        {
            // Whoever is not on the link asks from elsewhere, or has another ask for it: no answer leaves the link (RFC 6762 §5.5).
            if (responder.Link.IsOnLink(source.Address))
            {
                toOne = [.. toOne.Distinct()];
                var packets = isLegacy ? [MulticastPackets.Legacy(query.Id, query.Questions, toOne, Additional(toOne))] : MulticastPackets.Response(toOne, Additional(toOne));
                packets.ForEach(packet => context.Send(responder.Link, packet, source));
            }
        }

        if (toAll.Count > 0)
        {
            Reply(toAll, isProbe);
        }
    }

    // RFC 6762 §6: at once when it is all ours, else with delay, so that answers of several do not meet. No record goes to all
    // twice within a second, but a probe is answered after a quarter of it.
    private void Reply(List<MulticastRecord> records, bool isProbe)
    {
        var due = context.Now + (records.TrueForAll(record => record.CacheFlush) ? TimeSpan.Zero : context.Between(20, 120));
        foreach (var record in records)
        {
            var allowed = _told.TryGetValue(record, out var last) ? last + (isProbe ? QuarterSecond : Second) : TimeSpan.Zero;
            var at = due > allowed ? due : allowed;
            if (!_pending.TryGetValue(record, out var waits) || at < waits)
            {
                _pending[record] = at;
                context.Agenda.At(at, Flush);
            }
        }
    }

    private void Flush()
    {
        var now = context.Now;
        var due = _pending.Where(pending => pending.Value <= now).Select(pending => pending.Key).ToList();
        due.ForEach(record => _pending.Remove(record));

        // A name may have been lost since.
        due.RemoveAll(record => record.Type != RecordType.NSEC && !responder.Answered.Any(claim => claim.Records.Contains(record)));
        context.Send(responder.Link, MulticastPackets.Response(due, Additional(due)));
        Told(due);
    }

    private bool IsFresh(MulticastRecord record) => _told.TryGetValue(record, out var last) && context.Now - last < TimeSpan.FromSeconds(record.Ttl / 4.0);

    private IEnumerable<MulticastRecord> Matching(MulticastQuestion question)
    {
        if (responder.ByOwner.TryGetValue(question.Name, out var claim))
        {
            if (!claim.IsAnswered)
            {
                return [];
            }

            var found = claim.Unique.Where(record => question.Type is RecordType.ANY || record.Type == question.Type).ToList();
            return found.Count > 0 ? found : [PublishedService.NoOthers(claim.Owner, claim.Unique)];
        }

        return question.Type is RecordType.PTR or RecordType.ANY
            ? responder.Answered.SelectMany(one => one.Shared).Where(record => record.Owner == question.Name).Distinct() : [];
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

    private IEnumerable<MulticastRecord> Of(Name owner) => responder.ByOwner.TryGetValue(owner, out var claim) && claim.IsAnswered ? claim.Unique : [];
}
