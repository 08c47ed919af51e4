using System.Globalization;
using Edge.Services.Routing;
using Microsoft.AspNetCore.Http;

namespace Edge.Gateway;

/// <summary>A service whose program cannot answer for the moment.</summary>
internal sealed class NotReady(NotReadyAnswer said, ErrorPage? errorPage) : IRouteAnswer
{
    public Task AnswerAsync(HttpContext context) => new GatewayPage(StatusCodes.Status503ServiceUnavailable, said.Title, said.Text)
    {
        Header = new("Retry-After", said.RetrySeconds.ToString(CultureInfo.InvariantCulture)),
    }.WriteAsync(context, errorPage);
}
