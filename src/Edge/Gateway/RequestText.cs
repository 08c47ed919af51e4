using Edge.Services.Routing;
using Microsoft.AspNetCore.Routing.Template;
using Yarp.ReverseProxy.Configuration;

namespace Edge.Gateway;

/// <summary>
/// What a route asks for beside the host, in one form for services and for YARP's own: routes with the same text take the
/// same requests. Empty for every request.
/// </summary>
internal static class RequestText
{
    /// <param name="path">The path by <see cref="Of(PathPattern?)"/> or <see cref="Of(RouteTemplate)"/>; empty for any.</param>
    /// <param name="conditions">Methods, headers and query parameters.</param>
    /// <param name="clients">Which clients; null for any.</param>
    public static string Of(string path, RouteMatch conditions, IEnumerable<string>? clients = null) => string.Join(' ', (string[])
    [
        .. path.Length == 0 ? Array.Empty<string>() : [path],
        .. (conditions.Methods ?? []).Select(method => $"method={method.ToUpperInvariant()}").Distinct().Order(StringComparer.Ordinal),
        .. (conditions.Headers ?? []).Select(header => $"header={header.Name.ToLowerInvariant()} {header.Mode} {Values(header.Values, header.IsCaseSensitive)}").Order(StringComparer.Ordinal),
        .. (conditions.QueryParameters ?? []).Select(query => $"query={query.Name.ToLowerInvariant()} {query.Mode} {Values(query.Values, query.IsCaseSensitive)}").Order(StringComparer.Ordinal),
        .. (clients ?? []).Select(client => $"client={client}").Order(StringComparer.Ordinal),
    ]);

    /// <summary>The path of a service's route.</summary>
    public static string Of(PathPattern? path) => path switch
    {
        null or { Kind: PathKind.Prefix, Text: "" } => "",
        { Kind: PathKind.Regex } => $"~{path.Text}",
        { Kind: PathKind.Prefix } => $"{path.Text.ToLowerInvariant()}/**",
        _ => path.Text.ToLowerInvariant(),
    };

    /// <summary>The path of a route in YARP's form: what its parameters are called decides nothing.</summary>
    public static string Of(RouteTemplate path)
    {
        var text = string.Concat(path.Segments.Select(segment => "/" + string.Concat(segment.Parts.Select(Of))));
        return text is "/**" ? "" : text;
    }

    private static string Of(TemplatePart part)
    {
        if (!part.IsParameter)
        {
            return (part.Text ?? "").ToLowerInvariant();
        }

        var constraints = string.Concat(part.InlineConstraints.Select(constraint => $":{constraint.Constraint}"));
        return part.IsCatchAll ? "**" + constraints : $"{{{constraints}}}{(part.IsOptional || part.DefaultValue is not null ? "?" : "")}";
    }

    private static string Values(IReadOnlyList<string>? values, bool isCaseSensitive) =>
        string.Join('|', (values ?? []).Select(value => isCaseSensitive ? $"={value}" : value.ToLowerInvariant()).Order(StringComparer.Ordinal));
}
