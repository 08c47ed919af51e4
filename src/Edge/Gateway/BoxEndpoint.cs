using Microsoft.AspNetCore.Http;

namespace Edge.Gateway;

/// <summary>Something that this box answers itself, on the gateway's port and under its own name.</summary>
/// <param name="host">The name of this box, lower case.</param>
/// <param name="takes">Whether a request is for it.</param>
/// <param name="answer">Answers it.</param>
internal sealed class BoxEndpoint(string host, Func<HttpContext, bool> takes, RequestDelegate answer)
{
    /// <summary>Nothing.</summary>
    public static readonly BoxEndpoint None = new("", static _ => false, static _ => Task.CompletedTask);

    /// <summary>The name of this box; empty for none.</summary>
    public string Host => host;

    public bool Takes(HttpContext context, string asked) => takes(context) && OwnName.IsAsked(context, asked, host);

    public Task AnswerAsync(HttpContext context) => answer(context);
}
