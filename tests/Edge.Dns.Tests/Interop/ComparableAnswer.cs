using System.Buffers.Binary;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Xunit;

namespace Edge.Dns.Tests.Interop;

/// <summary>What of an answer has to be the same whoever gives it, field by field; sections as sets, names in lower case.</summary>
internal sealed class ComparableAnswer
{
    private const string Between = "\n      ";

    private ComparableAnswer(Dictionary<string, string> fields) => Fields = fields;

    public IReadOnlyDictionary<string, string> Fields { get; }

    /// <param name="wire">The answer.</param>
    /// <param name="apexes">The zones served: NS of an apex beside an answer are a favour, no referral.</param>
    public static ComparableAnswer Of(byte[] wire, IReadOnlySet<Name> apexes)
    {
        if (!Message.TryParse(wire, out var message, out var error))
        {
            return new ComparableAnswer(new() { ["rcode"] = error });
        }

        var truncated = message.Flags.HasFlag(MessageFlags.Truncated);
        var cuts = message.Authority.Where(record => record.Type == RecordType.NS && !apexes.Contains(record.Owner)).Select(record => record.Owner).ToHashSet();
        var fields = new Dictionary<string, string>
        {
            ["rcode"] = message.Rcode.ToString(),
            ["flags"] = (message.Flags & (MessageFlags.Authoritative | MessageFlags.AuthenticData | MessageFlags.RecursionAvailable)).ToString(),
            ["tc"] = truncated.ToString(),
            ["edns"] = message.Edns is { } edns ? $"version {edns.Version}, DO {edns.DnssecOk}" : "none",
            ["question"] = message.Questions.Count == 1 ? Convert.ToHexString(message.Questions[0].Name.Wire) : "none",
        };
        if (!truncated)
        {
            fields["answer"] = Lines(message.Answer);
            fields["authority"] = Lines(message.Authority.Where(record => Covered(record) is RecordType.SOA or RecordType.DS || (cuts.Contains(record.Owner) && Covered(record) is not (RecordType.NSEC or RecordType.NSEC3))));
            fields["proof"] = Lines(message.Authority.Where(record => Covered(record) is RecordType.NSEC or RecordType.NSEC3));
            var glue = message.Additional.Where(record => cuts.Count > 0 && record.Type is RecordType.A or RecordType.AAAA).ToLookup(record => cuts.Any(record.Owner.IsAtOrBelow));
            fields["glue"] = Lines(glue[true]);
            fields["sibling"] = Lines(glue[false]);
        }

        return new ComparableAnswer(fields);
    }

    /// <summary>Fields that both have and that differ; of proofs, "more proof" where the other's are all there and more.</summary>
    public IEnumerable<string> DifferencesFrom(ComparableAnswer other) =>
        Fields.Keys.Where(field => other.Fields.TryGetValue(field, out var value) && value != Fields[field])
            .Select(field => field == "proof" && !other.Fields[field].Split(Between).Except(Fields[field].Split(Between).Append("")).Any() ? "more proof" : field);

    /// <summary>What a field says, for people.</summary>
    public string this[string field] => Fields[field == "more proof" ? "proof" : field];

    /// <summary>Whether the aliases of an answer have no end, or a far one: each server stops somewhere else.</summary>
    public static bool EndsInRing(byte[] wire)
    {
        Assert.True(Message.TryParse(wire, out var message, out var error), error);
        var aliases = message.Answer.Where(record => record.Type == RecordType.CNAME).ToList();
        return aliases.Count > 4 || aliases.Exists(alias => aliases.Exists(other => other.Owner == Name.FromWire(alias.Data.Wire)) && Name.FromWire(aliases[^1].Data.Wire) == alias.Owner);
    }

    private static RecordType Covered(ResourceRecord record) =>
        record.Type == RecordType.RRSIG ? (RecordType)BinaryPrimitives.ReadUInt16BigEndian(record.Data.Wire) : record.Type;

    private static string Lines(IEnumerable<ResourceRecord> records) =>
        string.Join(Between, records.Select(record => Line(record).ToLowerInvariant()).Order(StringComparer.Ordinal));

    // Whoever signs has an own moment for it, and ECDSA's signatures are never the same twice; whether they hold is for validators to say.
    private static string Line(ResourceRecord record) => record.Type == RecordType.RRSIG
        ? string.Join(' ', RecordText.Format(record).Split(' ').Where((_, i) => i is not (8 or 9 or 12)))
        : RecordText.Format(record);
}
