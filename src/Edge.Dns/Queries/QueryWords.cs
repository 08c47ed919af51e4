using System.Collections.Immutable;
using System.Globalization;
using Edge.Dns.Wire;

namespace Edge.Dns.Queries;

/// <summary>Turns what a thread left behind into words.</summary>
/// <param name="viewName">The name of a view, by its index.</param>
/// <param name="transports">What the transports are called, by their numbers.</param>
/// <param name="sources">What upstreams and lists are called, by their numbers.</param>
internal sealed class QueryWords(Func<int, string> viewName, ImmutableArray<string> transports, QuerySources sources)
{
    private const byte NoView = unchecked((byte)QueryNotes.NoView);

    /// <summary>The words for the ways of answering, by their numbers.</summary>
    public static readonly ImmutableArray<string> Ways = ["error", "zone", "cache", "stale", "upstream", "special", "blocked", "custom", "refused", "sent-back", "dropped", "exchange"];

    public RecordedQuery Read(ref QuerySlot slot) => new(
        new DateTimeOffset(slot.Time, TimeSpan.Zero),
        ClientText.Format(slot.Client, (slot.Flags & QuerySlot.ClientIsNetwork) != 0),
        slot.View == NoView ? "-" : viewName(slot.View),
        transports[slot.Transport],
        Name(ref slot),
        TypeText(slot.Type),
        RcodeText(ref slot),
        Ways[(int)slot.By],
        sources[slot.Source],
        slot.Latency,
        QueryAnswer.Addresses(ref slot));

    public static string Name(ref QuerySlot slot)
    {
        if (slot.NameLength == 0)
        {
            return "";
        }

        var name = NameText.Format(QueryAnswer.Name(ref slot));
        name = name.Length > 1 ? name[..^1] : name;
        return (slot.Flags & QuerySlot.NameIsCut) != 0 ? $"...{name}" : name;
    }

    // RFC 3597 §5 for types that have no name here.
    public static string TypeText(ushort type) =>
        type == 0 ? "" : Enum.IsDefined((RecordType)type) ? ((RecordType)type).ToString() : string.Create(CultureInfo.InvariantCulture, $"TYPE{type}");

    public static string RcodeText(ref QuerySlot slot) => slot.Header == 0 ? "" : RcodeText(QueryAnswer.Rcode(ref slot));

    public static string RcodeText(ushort rcode) =>
        Enum.IsDefined((Rcode)rcode) ? ((Rcode)rcode).ToString().ToUpperInvariant() : string.Create(CultureInfo.InvariantCulture, $"RCODE{rcode}");
}
