using System.Collections.Immutable;
using System.Text.Json;

namespace Edge.Acme;

/// <summary>How a renewal goes, as it lies on the disk.</summary>
internal static class RenewalStateJson
{
    public static void Write(Utf8JsonWriter writer, RenewalState state)
    {
        writer.WriteNumber("attempts", state.Attempts);
        WriteTime(writer, "last-try", state.LastTry);
        WriteTime(writer, "next-try", state.NextTry);
        writer.WriteString("reason", state.Reason);
        WriteTime(writer, "obtained", state.Obtained);
        Json.WriteText(writer, "serial", state.Serial);
        Json.WriteText(writer, "doubted", state.Doubted);
        WriteTime(writer, "next-look", state.NextLook);
        if (state.Window is { } window)
        {
            writer.WriteStartObject("window");
            writer.WriteString("start", window.Start);
            writer.WriteString("end", window.End);
            writer.WriteString("selected", window.Selected);
            Json.WriteText(writer, "explanation", window.Explanation);
            writer.WriteEndObject();
        }

        if (!state.Resting.IsEmpty)
        {
            writer.WriteStartArray("resting");
            foreach (var rest in state.Resting)
            {
                writer.WriteStartObject();
                writer.WriteString("issuer", rest.Issuer);
                writer.WriteString("until", rest.Until);
                writer.WriteString("reason", rest.Reason);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        if (!state.Issued.IsEmpty)
        {
            writer.WriteStartArray("issued");
            foreach (var issuance in state.Issued)
            {
                writer.WriteStartObject();
                writer.WriteString("at", issuance.At);
                writer.WriteString("until", issuance.Until);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }
    }

    public static RenewalState Read(JsonElement root)
    {
        var issued = Json.List(root, "issued").Select(one => (At: Json.Time(one, "at"), Until: Json.Time(one, "until"))).ToImmutableArray();
        var resting = Json.List(root, "resting").Select(Rest).OfType<IssuerRest>().ToImmutableArray();
        return new RenewalState
        {
            Attempts = Math.Max(0, Json.Number(root, "attempts") ?? 0),
            Reason = Json.Text(root, "reason"),
            LastTry = Json.Time(root, "last-try"),
            NextTry = Json.Time(root, "next-try"),
            Serial = Json.Text(root, "serial"),
            Obtained = Json.Time(root, "obtained"),
            Doubted = Json.Text(root, "doubted"),
            NextLook = Json.Time(root, "next-look"),
            Resting = resting.IsEmpty ? [] : resting,
            // Earlier versions of the package kept it beside the rest; to draw its moment anew would not be as RFC 9773 §4.2 has it.
            Window = Json.Member(root, "window") is { } window ? Window(window, "start", "end", "selected") : Window(root, "window-start", "window-end", "renew-at"),
            Issued = issued.IsEmpty ? [] : [.. issued.Where(one => one is { At: not null, Until: not null }).Select(one => new Issuance(one.At!.Value, one.Until!.Value))],
        };
    }

    private static RenewalWindow? Window(JsonElement one, string from, string to, string drawn) =>
        Json.Time(one, from) is { } start && Json.Time(one, to) is { } end && Json.Time(one, drawn) is { } selected ? new RenewalWindow(start, end, selected, Json.Text(one, "explanation")) : null;

    private static IssuerRest? Rest(JsonElement one) => Json.Text(one, "issuer") is { } issuer && Json.Time(one, "until") is { } until ? new IssuerRest(issuer, until, Json.Text(one, "reason") ?? "") : null;

    private static void WriteTime(Utf8JsonWriter writer, string name, DateTimeOffset? time)
    {
        if (time is { } given)
        {
            writer.WriteString(name, given);
        }
    }
}
