using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Edge.Acme.Hosting;

/// <summary>Answers http-01 before anything that the application does with a request, such as redirecting it.</summary>
internal sealed class HttpChallengeFilter(HttpChallenges challenges) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((context, rest) => !challenges.IsIdle && challenges.Find(context.Request.Path.Value) is { } proof ? AnswerAsync(context, proof) : rest(context));
        next(app);
    };

    private static Task AnswerAsync(HttpContext context, string proof)
    {
        context.Response.ContentType = "application/octet-stream";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(proof, context.RequestAborted);
    }
}
