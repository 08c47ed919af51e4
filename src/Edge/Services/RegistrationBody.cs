using System.Net.Http.Headers;
using System.Text;
using Edge.Settings;

namespace Edge.Services;

/// <summary>Reads the body of a registration: JSON or YAML, by its content type, up to a limit.</summary>
internal static class RegistrationBody
{
    public const int MostBytes = 64 << 10;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The body's root mapping, or the problem document that says why there is none.</summary>
    public static async Task<(MapNode? Body, ProblemDocument? Problem)> ReadAsync(HttpRequest request, CancellationToken cancel)
    {
        var type = MediaTypeHeaderValue.TryParse(request.ContentType, out var parsed) ? parsed.MediaType?.ToLowerInvariant() : null;
        var isJson = type is "application/json" || type?.EndsWith("+json", StringComparison.Ordinal) == true;
        if (!isJson && type is not ("application/yaml" or "application/x-yaml" or "text/yaml" or "text/x-yaml"))
        {
            return (null, RegistrationProblems.WrongType(request.ContentType));
        }

        if (request.ContentLength > MostBytes || await BytesAsync(request.Body, cancel).ConfigureAwait(false) is not { } bytes)
        {
            return (null, RegistrationProblems.TooLarge(MostBytes));
        }

        var problems = new ProblemList();
        var body = isJson ? JsonDocumentReader.Read(bytes, problems) : Yaml(bytes, problems);
        return body is null || problems.Any ? (null, RegistrationProblems.Unreadable(problems)) : (body, null);
    }

    private static MapNode? Yaml(ReadOnlyMemory<byte> bytes, ProblemList problems)
    {
        try
        {
            return YamlDocumentReader.Read(Strict.GetString(bytes.Span), "body", problems);
        }
        catch (DecoderFallbackException)
        {
            problems.Add(new Problem(null, 0, "", "is not UTF-8 text"));
            return null;
        }
    }

    private static async Task<ReadOnlyMemory<byte>?> BytesAsync(Stream body, CancellationToken cancel)
    {
        var buffer = new byte[MostBytes + 1];
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel).ConfigureAwait(false);
        return length > MostBytes ? (ReadOnlyMemory<byte>?)null : buffer.AsMemory(0, length);
    }
}
