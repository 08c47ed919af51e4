namespace Edge.Services;

/// <summary>The registration API as OpenAPI describes it: the file openapi.json beside this one, which a test holds against what the endpoints do.</summary>
internal static class OpenApiDocument
{
    public const string Path = "/v1/openapi.json";

    private static readonly Lazy<byte[]> Text = new(Read);

    /// <summary>Answers without asking for a token: it tells nothing of this box.</summary>
    public static Task AnswerAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = Text.Value.Length;
        return context.Response.Body.WriteAsync(Text.Value, context.RequestAborted).AsTask();
    }

    private static byte[] Read()
    {
        using var resource = typeof(OpenApiDocument).Assembly.GetManifestResourceStream("openapi.json")!;
        using var text = new MemoryStream();
        resource.CopyTo(text);
        return text.ToArray();
    }
}
