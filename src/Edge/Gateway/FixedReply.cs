using System.Text;
using Edge.Services.Routing;
using Microsoft.AspNetCore.Http;

namespace Edge.Gateway;

/// <summary>The same answer to everybody.</summary>
internal sealed class FixedReply(FixedAnswer said) : IRouteAnswer
{
    private readonly byte[] _body = Encoding.UTF8.GetBytes(said.Text);

    public async Task AnswerAsync(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = said.Status;
        // RFC 9110 sections 15.3.5 and 15.4.5: these never have a body.
        if (said.Status is StatusCodes.Status204NoContent or StatusCodes.Status304NotModified)
        {
            return;
        }

        response.ContentType = said.Type;
        response.ContentLength = _body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(_body, context.RequestAborted);
        }
    }
}
