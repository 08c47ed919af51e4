using Microsoft.AspNetCore.Http;

namespace Edge.Gateway;

/// <summary>An answer of the gateway's own with the headers that the route asks for.</summary>
internal sealed class HeadedAnswer(IRouteAnswer answer, HeaderEdits headers) : IRouteAnswer
{
    public Task AnswerAsync(HttpContext context)
    {
        // Last of all, so that a header of the answer itself can be changed or removed.
        context.Response.OnStarting(() =>
        {
            headers.Apply(context.Response.Headers);
            return Task.CompletedTask;
        });
        return answer.AnswerAsync(context);
    }
}
