using System.Text.RegularExpressions;
using Edge.Services.Routing;
using Microsoft.AspNetCore.Http;

namespace Edge.Gateway;

/// <summary>What a route makes of a request's path. It works on the decoded path, which is encoded anew afterwards.</summary>
internal sealed class PathEdit
{
    private readonly PathString _strip;
    private readonly string _add;
    private readonly Regex? _expression;
    private readonly string _by;

    public PathEdit(PathChange change)
    {
        (_strip, _add, _by) = (change.Strip, change.Add ?? "", change.Replace?.By ?? "");
        _expression = change.Replace is { } replace ? new Regex(replace.Expression, PatternText.Options) : null;
    }

    /// <summary>The prefix that is taken off, for the program behind that makes links of its own; null for none.</summary>
    public string? Prefix => _strip.Value;

    public PathString Of(PathString path)
    {
        if (_strip.HasValue && path.StartsWithSegments(_strip, StringComparison.OrdinalIgnoreCase, out var rest))
        {
            path = rest;
        }

        var text = _add + (path.HasValue ? path.Value : _add.Length == 0 ? "/" : "");
        return new PathString(_expression is null ? text : Rooted(_expression.Replace(text, _by, 1)));
    }

    // What a replacement leaves must be a path again.
    private static string Rooted(string path) => path.StartsWith('/') ? path : "/" + path;
}
