using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Edge.Admin;

/// <summary>Answers with a report.</summary>
internal static class AdminJson
{
    public static Task WriteAsync<T>(HttpContext context, T report, JsonTypeInfo<T> type)
    {
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        return JsonSerializer.SerializeAsync(context.Response.Body, report, type, context.RequestAborted);
    }
}
