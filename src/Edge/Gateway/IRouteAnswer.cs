using Microsoft.AspNetCore.Http;

namespace Edge.Gateway;

/// <summary>What the gateway answers itself where a route says so, instead of forwarding.</summary>
internal interface IRouteAnswer
{
    Task AnswerAsync(HttpContext context);
}
