using System.Collections.Immutable;
using System.Security.Cryptography;
using Edge.Dns.Wire;

namespace Edge.Outward;

/// <summary>An UPDATE message (RFC 2136 §2): what must be so, and what is to be changed then.</summary>
internal sealed class UpdateMessage(Name zone)
{
    private const int MostBytes = 4096;

    private readonly ImmutableArray<(Name Owner, RecordType Type, RecordClass Class, uint Ttl, RData Data)>.Builder _prerequisites = ImmutableArray.CreateBuilder<(Name, RecordType, RecordClass, uint, RData)>();
    private readonly ImmutableArray<(Name Owner, RecordType Type, RecordClass Class, uint Ttl, RData Data)>.Builder _updates = ImmutableArray.CreateBuilder<(Name, RecordType, RecordClass, uint, RData)>();

    /// <summary>The set is just these records: those that are demanded at one name (§2.4.2).</summary>
    public UpdateMessage Demand(Name owner, RecordType type, RData data) => With(_prerequisites, (owner, type, RecordClass.IN, 0, data));

    /// <summary>There is no such set (§2.4.3).</summary>
    public UpdateMessage DemandNone(Name owner, RecordType type) => With(_prerequisites, (owner, type, RecordClass.None, 0, default));

    /// <summary>Adds a record (§2.5.1).</summary>
    public UpdateMessage Add(Name owner, RecordType type, uint ttl, RData data) => With(_updates, (owner, type, RecordClass.IN, ttl, data));

    /// <summary>Takes a set away (§2.5.2).</summary>
    public UpdateMessage Delete(Name owner, RecordType type) => With(_updates, (owner, type, RecordClass.Any, 0, default));

    /// <summary>Takes a record away (§2.5.4).</summary>
    public UpdateMessage Delete(Name owner, RecordType type, RData data) => With(_updates, (owner, type, RecordClass.None, 0, data));

    /// <summary>The message with a number by chance.</summary>
    public byte[] ToArray()
    {
        var message = new byte[MostBytes];
        var writer = new MessageWriter(message);
        new MessageHeader(
            (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1), 0, Opcode.Update, Rcode.NoError, 1, (ushort)_prerequisites.Count, (ushort)_updates.Count, 0).Write(message);
        var isWhole = writer.TryWriteName(zone.Wire) && writer.TryWriteUInt16((ushort)RecordType.SOA) && writer.TryWriteUInt16((ushort)RecordClass.IN);
        foreach (var (owner, type, @class, ttl, data) in _prerequisites.Concat(_updates))
        {
            isWhole &= writer.TryWriteName(owner.Wire) && writer.TryWriteUInt16((ushort)type) && writer.TryWriteUInt16((ushort)@class) && writer.TryWriteUInt32(ttl)
                && writer.TryWriteUInt16((ushort)data.Wire.Length) && writer.TryWriteBytes(data.Wire);
        }

        return isWhole ? message[..writer.Position] : throw new InvalidOperationException("an update of a few records has no room");
    }

    private UpdateMessage With(
        ImmutableArray<(Name Owner, RecordType Type, RecordClass Class, uint Ttl, RData Data)>.Builder section, (Name Owner, RecordType Type, RecordClass Class, uint Ttl, RData Data) record)
    {
        section.Add(record);
        return this;
    }
}
