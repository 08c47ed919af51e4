using System.Net;
using System.Text;
using System.Text.Json;

namespace Edge.Client;

/// <summary>Reads answers of the registration API: the registration's document, or a problem document (RFC 9457).</summary>
internal static class AnswerReader
{
    public static async Task<ApiAnswer> ReadAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        var root = Root(await answer.Content.ReadAsByteArrayAsync(cancel).ConfigureAwait(false));
        var outcome = Outcome(answer.StatusCode);
        if (outcome == ApiOutcome.Done)
        {
            return new ApiAnswer(outcome, string.Join(", ", Texts(root, "urls"))) { Tag = answer.Headers.ETag?.ToString(), Missing = Missing(root) };
        }

        return new ApiAnswer(outcome, Problem(root) ?? $"it answered {(int)answer.StatusCode} {answer.ReasonPhrase}") { RetryAfter = answer.Headers.RetryAfter?.Delta };
    }

    private static ApiOutcome Outcome(HttpStatusCode status) => status switch
    {
        >= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices => ApiOutcome.Done,
        HttpStatusCode.NotFound or HttpStatusCode.Gone => ApiOutcome.Gone,
        HttpStatusCode.PreconditionFailed => ApiOutcome.Changed,
        HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => ApiOutcome.Away,
        _ => ApiOutcome.Refused,
    };

    private static JsonElement Root(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private static string Missing(JsonElement registration)
    {
        if (Member(registration, "live") is not { } live || Member(live, "served") is not { ValueKind: JsonValueKind.False })
        {
            return "";
        }

        var notes = string.Join("; ", Texts(live, "notes"));
        return notes.Length > 0 ? notes : "it is on its way";
    }

    private static string? Problem(JsonElement problem)
    {
        if ((Text(problem, "detail") ?? Text(problem, "title")) is not { } detail)
        {
            return null;
        }

        var text = new StringBuilder(detail);
        if (Member(problem, "errors") is { ValueKind: JsonValueKind.Array } errors)
        {
            foreach (var error in errors.EnumerateArray())
            {
                text.AppendLine().Append($"  {Text(error, "field")}: {Text(error, "message")}");
                if (Text(error, "hint") is { } hint)
                {
                    text.Append($" ({hint})");
                }
            }
        }

        return text.ToString();
    }

    private static JsonElement? Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : null;

    private static string? Text(JsonElement element, string name) => Member(element, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    private static IEnumerable<string> Texts(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!) : [];
}
