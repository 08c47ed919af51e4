using Edge.Services.Routing;
using Microsoft.AspNetCore.Http;

namespace Edge.Gateway;

/// <summary>A service that is closed for a while.</summary>
internal sealed class Closed(MaintenanceAnswer said, ErrorPage? errorPage) : IRouteAnswer
{
    private readonly ErrorPage? _page = said.File is { } file ? new ErrorPage(file) : errorPage;

    public Task AnswerAsync(HttpContext context) => new GatewayPage(
        StatusCodes.Status503ServiceUnavailable,
        "Closed for maintenance",
        said.Text ?? "The service behind this name is being worked on. Please come back later.") { Header = new("Retry-After", "300") }.WriteAsync(context, _page);
}
