using System.Text;
using System.Text.Json;

namespace Edge.Admin.Commands;

/// <summary>Turns a problem document (RFC 9457) into lines for a person.</summary>
internal static class ProblemText
{
    public static async Task<string> ReadAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        var body = await answer.Content.ReadAsStringAsync(cancel);
        try
        {
            using var document = JsonDocument.Parse(body);
            return Format(document.RootElement, (int)answer.StatusCode);
        }
        catch (JsonException)
        {
            return $"{(int)answer.StatusCode} {answer.ReasonPhrase}";
        }
    }

    private static string Format(JsonElement problem, int status)
    {
        var text = new StringBuilder(Member(problem, "detail") ?? Member(problem, "title") ?? $"status {status}");
        if (problem.ValueKind == JsonValueKind.Object && problem.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Array)
        {
            foreach (var error in errors.EnumerateArray())
            {
                text.AppendLine().Append($"  {Member(error, "field")}: {Member(error, "message")}");
                if (Member(error, "hint") is { } hint)
                {
                    text.Append($" ({hint})");
                }
            }
        }

        return text.ToString();
    }

    private static string? Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
