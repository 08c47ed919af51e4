using System.Net;
using Edge.Dns.Dnssec;
using Edge.Dns.Wire;

namespace Edge.Dns.Multicast;

/// <summary>
/// Asks on all links and keeps what is answered: of what was asked and nothing else, so that nobody fills it with what he
/// pleases (RFC 6762 §5.2, §7, §10).
/// </summary>
internal sealed class Querier(MulticastContext context, Func<IEnumerable<MulticastLink>> links)
{
    private const int MostOfOneName = 16;
    private const int MostInstances = 512;
    private const int MostInstancesOfSource = 64;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>How long the last addresses of a host that fell silent are kept.</summary>
    internal static readonly TimeSpan Memory = TimeSpan.FromHours(1);

    private readonly Dictionary<(Name Name, RecordType Type), Inquiry> _inquiries = [];
    private bool _ended;

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
        var from = context.Now + context.Between(20, 120);
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
        var from = context.Now + context.Between(20, 120);
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
        foreach (var question in query.Questions.Where(question => !question.UnicastResponse && !query.IsTruncated))
        {
            Doubt(question, query.Answers, link);
            if (_inquiries.TryGetValue((question.Name, question.Type), out var inquiry) && inquiry.WasAsked && inquiry.Next - context.Now < Second
                && query.Answers.Where(record => record.Owner == question.Name).All(record => inquiry.Records.Any(one => one.Data == record.Data)))
            {
                inquiry.Asked(context.Now);
            }
        }
    }

    private void Doubt(MulticastQuestion question, List<MulticastRecord> known, MulticastLink link)
    {
        foreach (var record in _inquiries.TryGetValue((question.Name, question.Type), out var inquiry) ? inquiry.Records : [])
        {
            if (record.InterfaceIndex == link.Index && !known.Exists(one => one.Owner == question.Name && one.Type == question.Type && one.Data == record.Data))
            {
                record.Doubt(context.Now);
            }
        }

        Schedule();
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
        foreach (var set in records.Where(record => record.CacheFlush).GroupBy(record => (record.Owner, record.Type)))
        {
            if (_inquiries.TryGetValue(set.Key, out var inquiry))
            {
                End(inquiry.Records.Where(old => old.InterfaceIndex == link.Index && context.Now - old.Heard > Second && !set.Any(record => record.Data == old.Data)));
            }
        }

        Schedule();
    }

    private void Hear(Inquiry inquiry, MulticastRecord record, MulticastLink link, IPAddress source)
    {
        var known = inquiry.Records.Find(one => one.InterfaceIndex == link.Index && one.Data == record.Data);
        if (record.Ttl == 0)
        {
            End(known is null ? [] : [known]);
            return;
        }

        if (!IsBelievable(record, link) || (known is null && !HasRoom(inquiry, source)))
        {
            context.Refused++;
            return;
        }

        if (known is null or { IsDismissed: true })
        {
            inquiry.Records.RemoveAll(one => ReferenceEquals(one, known));
            inquiry.Records.Add(known = new HeardRecord(record.Data, link, source));
            HasChanged = true;
        }

        // Silent ones that come back are what they were; others that were silent have been replaced.
        HasChanged |= known.IsStale;
        known.Hear(record.Ttl, context.Now, context.Between(0, 1).TotalMilliseconds);
        HasChanged |= inquiry.Records.RemoveAll(one => one.IsStale && one.InterfaceIndex == link.Index && record.CacheFlush) > 0;
    }

    // An address that is not the neighbour's own leads elsewhere: into a container of his, or to whom he wants to be taken for.
    private static bool IsBelievable(MulticastRecord record, MulticastLink link) => record.Type switch
    {
        RecordType.A or RecordType.AAAA => new IPAddress(record.Data.Wire) is { IsIPv6LinkLocal: false, IsIPv6Multicast: false } address && !IPAddress.IsLoopback(address) && link.IsOnLink(address),
        RecordType.PTR => Name.FromWire(record.Data.Wire) is var target && target.LabelCount == record.Owner.LabelCount + 1 && target.IsAtOrBelow(record.Owner),
        RecordType.SRV => Name.FromWire(record.Data.Wire[6..]) is { LabelCount: > 1 } target && target.IsAtOrBelow(DnsSdNames.Local),
        _ => true,
    };

    private static bool HasRoom(Inquiry inquiry, IPAddress source) =>
        inquiry.Type == RecordType.PTR
            ? inquiry.Records.Count < MostInstances && inquiry.Records.Count(record => record.Source.Equals(source)) < MostInstancesOfSource
            : inquiry.Records.Count < MostOfOneName;

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
            record.EndBy(record.IsStale ? context.Now : context.Now + Second);
            HasChanged |= record.IsStale;
        }
    }

    private void Schedule()
    {
        if (_inquiries.Count > 0)
        {
            context.Agenda.At(_inquiries.Values.Min(inquiry => inquiry.Due), Tick);
        }
    }

    private void Tick()
    {
        var now = context.Now;
        var due = _inquiries.Values.Where(inquiry => inquiry.Due <= now).ToList();
        if (_ended || due.Count == 0)
        {
            return;
        }

        due.ForEach(inquiry => Age(inquiry, now));
        var asking = due.Where(inquiry => inquiry.Next <= now || inquiry.Records.Exists(record => record.NextRefresh <= now)).ToList();
        foreach (var link in asking.Count > 0 ? links() : [])
        {
            var known = asking.SelectMany(inquiry => inquiry.Records.Where(record => record.InterfaceIndex == link.Index && record.KnownTtl(now) > 0)
                .Select(record => new MulticastRecord(inquiry.Name, inquiry.Type, record.KnownTtl(now), record.Data, false))).ToList();
            context.Send(link, MulticastPackets.Query([.. asking.Select(inquiry => new MulticastQuestion(inquiry.Name, inquiry.Type, !inquiry.WasAsked))], known));
        }

        foreach (var inquiry in asking)
        {
            if (inquiry.Next <= now)
            {
                inquiry.Asked(now);
            }

            inquiry.Records.Where(record => record.NextRefresh <= now).ToList().ForEach(record => record.Refreshed(context.Between(0, 1).TotalMilliseconds));
        }

        Schedule();
    }

    // What has ended is gone; addresses of a host that said nothing of its leaving stay for a while, in case it only sleeps.
    private void Age(Inquiry inquiry, TimeSpan now)
    {
        var isAddress = inquiry.Type is RecordType.A or RecordType.AAAA;
        var ended = inquiry.Records.Where(record => record.Ends <= now && !record.IsStale).ToList();
        foreach (var record in ended)
        {
            if (isAddress && !record.IsDismissed)
            {
                record.BeStale();
            }
        }

        if (ended.Count > 0)
        {
            HasChanged = true;
            inquiry.Begin(now);
        }

        HasChanged |= inquiry.Records.RemoveAll(record => record.IsStale ? now - record.Heard >= Memory || record.IsDismissed : record.Ends <= now) > 0;
    }
}
