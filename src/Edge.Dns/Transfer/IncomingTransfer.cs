using System.Collections.Immutable;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Transfer;

/// <summary>
/// Reads the records of a transfer in their order and knows what they are: the whole zone, changes, or that there is
/// nothing new (RFC 5936 §2.2, RFC 1995 §4).
/// </summary>
internal sealed class IncomingTransfer
{
    /// <summary>Records of one zone.</summary>
    public const int MostRecords = 5_000_000;

    private readonly Name _origin;
    private readonly uint? _held;
    private readonly ImmutableArray<ResourceRecord>.Builder _whole = ImmutableArray.CreateBuilder<ResourceRecord>();
    private readonly List<ZoneDifference> _changes = [];
    private readonly ImmutableArray<ResourceRecord>.Builder _removed = ImmutableArray.CreateBuilder<ResourceRecord>();
    private readonly ImmutableArray<ResourceRecord>.Builder _added = ImmutableArray.CreateBuilder<ResourceRecord>();
    private uint _serial;
    private int _taken;
    private bool _incremental;

    /// <param name="origin">The zone.</param>
    /// <param name="held">The serial that changes are asked for; null when the whole zone is.</param>
    public IncomingTransfer(Name origin, uint? held) => (_origin, _held) = (origin, held);

    /// <summary>Whether the last record was read.</summary>
    public bool Done { get; private set; }

    /// <summary>The serial that the primary is at.</summary>
    public uint Serial => _serial;

    /// <summary>The whole zone, its SOA first; empty when changes came, or nothing.</summary>
    public ImmutableArray<ResourceRecord> Whole => _incremental || UpToDate ? [] : _whole.ToImmutable();

    /// <summary>The changes in their order; empty when the whole zone came, or nothing.</summary>
    public IReadOnlyList<ZoneDifference> Changes => _changes;

    /// <summary>Whether we have what the primary has.</summary>
    public bool UpToDate { get; private set; }

    /// <summary>Reads one message.</summary>
    /// <exception cref="TransferException">It is an error, or not what a transfer looks like.</exception>
    public void Take(Message message)
    {
        if (message.Rcode != Rcode.NoError)
        {
            throw new TransferException($"it says {message.Rcode.ToString().ToUpperInvariant()}{Reason(message)}");
        }

        if (message.Answer.Count == 0)
        {
            throw new TransferException("an empty answer");
        }

        foreach (var record in message.Answer)
        {
            if (Done)
            {
                throw new TransferException("records after the last SOA");
            }

            if (++_taken > MostRecords)
            {
                throw new TransferException($"more than {MostRecords} records");
            }

            Take(record, alone: message.Answer.Count == 1);
        }
    }

    private void Take(ResourceRecord record, bool alone)
    {
        var soa = record.Type == RecordType.SOA && record.Owner == _origin ? SerialArithmetic.Of(record.Data) : (uint?)null;
        if (_taken == 1)
        {
            Begin(record, soa ?? throw new TransferException($"it begins with {record.Owner} {RecordText.FormatType(record.Type)} and not with the SOA of {_origin}"), alone);
        }
        else if (_taken == 2 && _held is not null && soa is not null && soa != _serial)
        {
            // RFC 1995 §4: a second SOA that is older begins the changes.
            _incremental = true;
            _removed.Add(record);
        }
        else if (_incremental)
        {
            TakeChange(record, soa);
        }
        else if (soa is not null)
        {
            Done = soa == _serial ? true : throw new TransferException("it ends with another serial than it began with");
        }
        else if (record.Owner.IsAtOrBelow(_origin))
        {
            _whole.Add(record);
        }
    }

    private void Begin(ResourceRecord record, uint serial, bool alone)
    {
        _serial = serial;
        _whole.Add(record);
        if (alone && _held is { } held && !SerialArithmetic.IsNewer(serial, held))
        {
            (UpToDate, Done) = (true, true);
        }
    }

    private void TakeChange(ResourceRecord record, uint? soa)
    {
        if (soa is null)
        {
            (_added.Count == 0 ? _removed : _added).Add(record);
            return;
        }

        if (_added.Count == 0)
        {
            _added.Add(record);
            return;
        }

        // The SOA behind what was added begins the next change, or is the last record of all.
        _changes.Add(new ZoneDifference(_removed.ToImmutable(), _added.ToImmutable()));
        Done = SerialArithmetic.Of(_added[0].Data) == _serial && soa == _serial;
        if (!Done && soa != SerialArithmetic.Of(_added[0].Data))
        {
            throw new TransferException("changes that do not follow each other");
        }

        _removed.Clear();
        _added.Clear();
        _removed.Add(record);
    }

    private static string Reason(Message message)
    {
        var reason = message.Edns?.Options.FirstOrDefault(option => option.Code == EdnsOption.ExtendedErrorOption) ?? default;
        return reason.Data.Length > 2 ? $" ({System.Text.Encoding.UTF8.GetString(reason.Data.Span[2..])})" : "";
    }
}
