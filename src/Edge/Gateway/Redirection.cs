using System.Text.RegularExpressions;
using Edge.Services.Routing;
using Microsoft.AspNetCore.Http;

namespace Edge.Gateway;

/// <summary>
/// Sends the client elsewhere. The new address is always a whole URL: a path alone that begins with two slashes would
/// be taken for a host (RFC 3986 section 4.2), and a stranger could choose it.
/// </summary>
internal sealed class Redirection(RedirectAnswer said) : IRouteAnswer
{
    private readonly Regex? _expression = said.Replace is { } replace ? new Regex(replace.Expression, PatternText.Options) : null;

    public Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        context.Response.StatusCode = said.Status;
        context.Response.Headers.Location = Target(request);
        return Task.CompletedTask;
    }

    /// <summary>Where a request is sent, as a whole URL.</summary>
    public string Target(HttpRequest request)
    {
        var origin = said.To is { } to ? to.GetLeftPart(UriPartial.Authority) : $"{request.Scheme}://{HostText.Of(request)}";
        if (!said.KeepsPath && _expression is null)
        {
            return said.To!.AbsoluteUri;
        }

        var path = request.Path.HasValue ? request.Path.Value! : "/";
        if (_expression is not null)
        {
            path = _expression.Replace(path, said.Replace!.By, 1);
        }

        // As the client wrote it, or encoded: whatever the path holds stays one line of one header.
        var kept = said.To is { AbsolutePath: not "/" } below ? below.AbsolutePath.TrimEnd('/') : "";
        return RawTarget.Changed(request.HttpContext, origin + kept, new PathString(path.StartsWith('/') ? path : "/" + path), request.QueryString).OriginalString;
    }
}
