using Edge.Dns.Nameserver;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Tests.Interop;

/// <summary>One question that is put to all servers.</summary>
internal sealed record SharedQuestion(Name Name, RecordType Type, Edns? Edns, Transport Transport)
{
    public byte[] ToQuery(ushort id)
    {
        var message = new Message { Id = id, Edns = Edns };
        message.Questions.Add(new Question(Name, Type));
        return message.ToArray();
    }

    public override string ToString() =>
        $"{Name} {RecordText.FormatType(Type)} over {Transport}{(Edns is null ? "" : $" with EDNS {Edns.PayloadSize}{(Edns.DnssecOk ? " DO" : "")}")}";
}
