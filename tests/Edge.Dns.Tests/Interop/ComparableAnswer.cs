using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Tests.Interop;

/// <summary>What of an answer has to be the same whoever gives it, field by field; sections as sets, names in lower case.</summary>
internal sealed class ComparableAnswer
{
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
            fields["authority"] = Lines(message.Authority.Where(record => record.Type is RecordType.SOA or RecordType.DS || cuts.Contains(record.Owner)));
            var glue = message.Additional.Where(record => cuts.Count > 0 && record.Type is RecordType.A or RecordType.AAAA).ToLookup(record => cuts.Any(record.Owner.IsAtOrBelow));
            fields["glue"] = Lines(glue[true]);
            fields["sibling"] = Lines(glue[false]);
        }

        return new ComparableAnswer(fields);
    }

    /// <summary>Fields that both have and that differ.</summary>
    public IEnumerable<string> DifferencesFrom(ComparableAnswer other) =>
        Fields.Keys.Where(field => other.Fields.TryGetValue(field, out var value) && value != Fields[field]);

    private static string Lines(IEnumerable<ResourceRecord> records) =>
        string.Join("\n      ", records.Select(record => RecordText.Format(record).ToLowerInvariant()).Order(StringComparer.Ordinal));
}
