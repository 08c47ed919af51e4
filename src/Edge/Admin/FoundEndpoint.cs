using System.Text;
using System.Text.Json;
using Edge.Admin.Reports;
using Edge.Names.Multicast;
using Edge.Services;
using Edge.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Edge.Admin;

/// <summary>Services of neighbours over HTTP: listed, and adopted by a file among those of the user, who can change or remove it like his own.</summary>
internal sealed class FoundEndpoint(AdminParts parts)
{
    private readonly Lock _writing = new();

    public void Map(IEndpointRouteBuilder endpoints, AdminGuard guard)
    {
        endpoints.MapRead("/v1/found", guard.Protect(context => AdminJson.WriteAsync(context, Report(), ReportJson.Default.FoundServicesReport)));
        endpoints.MapPost("/v1/found", guard.Protect(AdoptAsync));
    }

    private FoundServicesReport Report() => new(
        parts.Names.Multicast.Types, [.. Candidates().Select(candidate => candidate.Report(parts.Services.Catalog.Current)).OrderBy(one => one.Name, StringComparer.Ordinal).ThenBy(one => one.Type, StringComparer.Ordinal)])
    {
        OtherTypes = [.. parts.Names.Multicast.TypesSeen.Except(parts.Names.Multicast.Types).Select(FoundText.Shown)],
    };

    private IEnumerable<ServiceCandidate> Candidates() => parts.Names.Multicast.Found.Select(found => new ServiceCandidate(found));

    private async Task AdoptAsync(HttpContext context)
    {
        Adoption? wanted;
        try
        {
            wanted = await JsonSerializer.DeserializeAsync(context.Request.Body, ReportJson.Default.Adoption, context.RequestAborted);
        }
        catch (JsonException wrong)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, $"the body is not an adoption: {JsonDocumentReader.Reason(wrong)}");
            return;
        }

        var named = Candidates().Where(one => one.Name == wanted?.Found || one.Instance == wanted?.Found).ToList();
        var web = named.Where(one => one.To is not null).OrderBy(one => one.Type, StringComparer.Ordinal).ToList();
        var name = wanted?.As ?? web.FirstOrDefault()?.Name;
        var problem = named.Count == 0 ? (StatusCodes.Status404NotFound, $"nothing called \"{wanted?.Found}\" was found; edge services found lists what was")
            : web.Count == 0 ? (StatusCodes.Status422UnprocessableEntity, $"{named[0].Name} is of the type {named[0].Type}, which the gateway does not forward; a stream can be declared by hand")
            : web.DistinctBy(one => (one.Instance, one.Type)).Count() != web.Count || web.DistinctBy(one => one.Instance).Count() > 1 ? (StatusCodes.Status409Conflict, $"several are called {wanted!.Found}: {string.Join(", ", web.Select(one => $"{one.Instance} at {one.To}"))}; name the instance")
            : !HostName.IsLabel(name) || name != name!.ToLowerInvariant() ? (StatusCodes.Status422UnprocessableEntity, $"\"{name}\" is not a name for a service: one label of small letters, digits and hyphens")
            : parts.Services.Catalog.Current.ByName(name) is { } other ? (StatusCodes.Status409Conflict, $"there is a service {name} already ({other.Where}); adopt it as another with --as")
            : ((int Status, string Message)?)null;
        if (problem is var (status, message))
        {
            await AdminProblem.WriteAsync(context, status, message);
            return;
        }

        await WriteAsync(context, name!, web[0].Declare(name!, wanted!.Everywhere));
    }

    private Task WriteAsync(HttpContext context, string name, string text)
    {
        var shown = Path.Combine(parts.Options.Routes, $"found-{name}.yaml");
        var path = parts.Options.PathOf(shown);
        try
        {
            lock (_writing)
            {
                // Whole or not at all: it is renamed into place, where the follower of the folder sees it.
                if (File.Exists(path))
                {
                    return AdminProblem.WriteAsync(context, StatusCodes.Status409Conflict, $"{shown} is there already; it was adopted before, or has a mistake that edge check tells");
                }

                var staged = Path.Combine(Path.GetDirectoryName(path)!, $".found-{name}.new");
                File.WriteAllText(staged, text, new UTF8Encoding(false));
                File.Move(staged, path, overwrite: false);
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return AdminProblem.WriteAsync(context, StatusCodes.Status409Conflict, $"{shown} cannot be written: {refused.Message}. Let Edge's user write there, or put this into a file yourself:\n{text}");
        }

        return AdminJson.WriteAsync(context, new AdoptedReport(name, shown, text), ReportJson.Default.AdoptedReport);
    }
}
