using Edge.Dns.Wire;

namespace Edge.Dns.Tests.Reference;

/// <summary>What the reference holds to be the answer. The sections are sets.</summary>
internal sealed class ReferenceAnswer
{
    public Rcode Rcode { get; set; } = Rcode.NoError;

    public bool Authoritative { get; set; } = true;

    public SortedSet<string> Answer { get; } = new(StringComparer.Ordinal);

    public SortedSet<string> Authority { get; } = new(StringComparer.Ordinal);

    /// <summary>Addresses that have to be there: glue of the delegated zone itself (RFC 9471 §3.1).</summary>
    public SortedSet<string> RequiredAdditional { get; } = new(StringComparer.Ordinal);

    /// <summary>Addresses that may be there; nothing else may.</summary>
    public SortedSet<string> AllowedAdditional { get; } = new(StringComparer.Ordinal);

    /// <summary>What a message has otherwise; null when it says the same.</summary>
    public string? DifferenceFrom(Message message)
    {
        var additional = Lines(message.Additional);
        return message.Rcode != Rcode ? $"{message.Rcode} instead of {Rcode}"
            : message.Flags.HasFlag(MessageFlags.Authoritative) != Authoritative ? $"AA is not {Authoritative}"
            : Section("answer", Lines(message.Answer), Answer) ?? Section("authority", Lines(message.Authority), Authority)
            ?? (additional.Except(AllowedAdditional).FirstOrDefault() is { } extra ? $"additional: {extra}" : null)
            ?? (RequiredAdditional.Except(additional).FirstOrDefault() is { } missing ? $"additional lacks {missing}" : null);
    }

    private static string? Section(string name, List<string> has, SortedSet<string> wanted) =>
        has.Count == wanted.Count && wanted.SetEquals(has) ? null
        : $"{name}:\n  {string.Join("\n  ", has)}\ninstead of\n  {string.Join("\n  ", wanted)}";

    private static List<string> Lines(List<ResourceRecord> records) => [.. records.Select(record => RecordLine.Of(record).ToString())];
}
