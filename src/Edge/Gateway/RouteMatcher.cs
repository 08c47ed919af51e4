using System.Collections.Frozen;
using Edge.Services.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Template;
using Yarp.ReverseProxy.Configuration;

namespace Edge.Gateway;

/// <summary>What a route asks of a request besides its host: path, method, headers, query, client. Immutable.</summary>
internal sealed class RouteMatcher
{
    // Stands before Everything, which needs it.
    private static readonly decimal CatchAllPrecedence = RoutePrecedence.ComputeInbound(TemplateParser.Parse("{**catchall}"));

    /// <summary>Takes every request: what a service asks for.</summary>
    public static readonly RouteMatcher Everything = new(new RouteMatch(), null, null, false);

    private readonly TemplateMatcher? _path;
    private readonly IDictionary<string, IRouteConstraint>? _constraints;
    private readonly FrozenSet<string>? _methods;
    private readonly RouteHeader[] _headers;
    private readonly RouteQueryParameter[] _query;
    private readonly PathTest? _pathTest;
    private readonly ClientTest? _clients;

    private RouteMatcher(RouteMatch match, TemplateMatcher? path, IDictionary<string, IRouteConstraint>? constraints, bool catchAll)
    {
        (_path, _constraints) = (path, constraints);
        _methods = match.Methods is { Count: > 0 } methods ? methods.ToFrozenSet(StringComparer.OrdinalIgnoreCase) : null;
        _headers = [.. match.Headers ?? []];
        _query = [.. match.QueryParameters ?? []];
        // Routes without a path stand where /{**catchall} stands: behind every other.
        Precedence = path is null ? CatchAllPrecedence : RoutePrecedence.ComputeInbound(path.Template);
        IgnoresPath = path is null || catchAll;
        TakesEverything = IgnoresPath && _methods is null && _headers.Length == 0 && _query.Length == 0;
    }

    private RouteMatcher(RouteMatch match, PathTest? path, ClientTest? clients)
        : this(match, null, null, true)
    {
        (_pathTest, _clients) = (path, clients);
        Precedence = path is null || path.TakesEverything ? CatchAllPrecedence : path.Precedence;
        IgnoresPath = path?.TakesEverything is not false;
        TakesEverything = TakesEverything && IgnoresPath && clients is null;
    }

    /// <summary>The precedence of the path as ASP.NET orders it: smaller is more specific.</summary>
    public decimal Precedence { get; }

    /// <summary>Every path will do.</summary>
    public bool IgnoresPath { get; }

    /// <summary>Nothing but the host decides.</summary>
    public bool TakesEverything { get; }

    /// <summary>What is asked for; two with the same text take the same requests.</summary>
    public string Text { get; private init; } = "";

    /// <summary>Paths that a request of this route may have, to try it out; none where an expression decides.</summary>
    public IEnumerable<string> SamplePaths => _pathTest?.SamplePaths ?? (_path is null ? ["/", "/x"] : []);

    public bool HasMethods => _methods is not null;

    public int HeaderCount => _headers.Length;

    public int QueryCount => _query.Length;

    public bool HasClients => _clients is not null;

    /// <summary>Builds the matcher of a service's route.</summary>
    /// <param name="match">What the route asks for.</param>
    /// <param name="path">The one of its paths that this matcher is for; null for any.</param>
    /// <param name="lan">Knows the clients of the view "lan".</param>
    public static RouteMatcher Of(RequestMatch match, PathPattern? path, LanClients lan)
    {
        if (match.Text.Length == 0)
        {
            return Everything;
        }

        var conditions = new RouteMatch
        {
            Methods = match.Methods.Count == 0 ? null : match.Methods,
            Headers = [.. match.Headers.Select(condition => new RouteHeader { Name = condition.Name, Values = condition.Values, Mode = Mode(condition.Test) })],
            QueryParameters = [.. match.Query.Select(condition => new RouteQueryParameter { Name = condition.Name, Values = condition.Values, Mode = QueryMode(condition.Test) })],
        };
        return new RouteMatcher(conditions, path is null ? null : new PathTest(path), match.Clients.Count == 0 ? null : new ClientTest(match.Clients, lan))
        {
            Text = RequestText.Of(RequestText.Of(path), conditions, match.Clients),
        };
    }

    /// <summary>Builds the matcher of a route in YARP's shape.</summary>
    /// <exception cref="ArgumentException">The path is no route template, or names a constraint that does not exist.</exception>
    public static RouteMatcher Of(RouteConfig route, IInlineConstraintResolver resolver)
    {
        // Transforms may use {catchall}, which YARP gives to routes that name no path.
        var text = route.Match.Path ?? (route.Transforms is { Count: > 0 } ? "{**catchall}" : null);
        if (text is null)
        {
            return new RouteMatcher(route.Match, null, null, true) { Text = RequestText.Of("", route.Match) };
        }

        var template = TemplateParser.Parse(text.TrimStart('/'));
        var defaults = new RouteValueDictionary();
        var constraints = new RouteConstraintBuilder(resolver, route.RouteId);
        var constrained = false;
        foreach (var parameter in template.Parameters)
        {
            if (parameter.DefaultValue is not null)
            {
                defaults[parameter.Name!] = parameter.DefaultValue;
            }

            foreach (var constraint in parameter.InlineConstraints)
            {
                constrained = true;
                constraints.AddResolvedConstraint(parameter.Name!, constraint.Constraint);
            }

            if (parameter.IsOptional)
            {
                constraints.SetOptional(parameter.Name!);
            }
        }

        var catchAll = template.Segments is [{ Parts: [{ IsCatchAll: true }] }] && !constrained;
        return new RouteMatcher(route.Match, new TemplateMatcher(template, defaults), constrained ? constraints.Build() : null, catchAll) { Text = RequestText.Of(RequestText.Of(template), route.Match) };
    }

    /// <summary>Whether the request is one of this route's; sets its route values then, for the transforms.</summary>
    /// <param name="context">The request.</param>
    /// <param name="read">How its path may be read, see <see cref="PathReading"/>; null to go by the path as it stands.</param>
    public bool Matches(HttpContext context, string? read = null)
    {
        if (_methods is not null && !_methods.Contains(RequestForm.MethodOf(context.Request)))
        {
            return false;
        }

        return (_headers.Length == 0 || RouteConditions.HeadersMatch(_headers, context.Request.Headers))
            && (_query.Length == 0 || RouteConditions.QueryMatches(_query, context.Request.Query))
            && (_pathTest is null || _pathTest.Matches(context.Request.Path, read))
            && (_clients is null || _clients.Matches(context))
            && PathMatches(context, read);
    }

    private static HeaderMatchMode Mode(FieldTest test) => test switch
    {
        FieldTest.Prefix => HeaderMatchMode.HeaderPrefix,
        FieldTest.Present => HeaderMatchMode.Exists,
        FieldTest.Absent => HeaderMatchMode.NotExists,
        _ => HeaderMatchMode.ExactHeader,
    };

    private static QueryParameterMatchMode QueryMode(FieldTest test) => test switch
    {
        FieldTest.Prefix => QueryParameterMatchMode.Prefix,
        FieldTest.Present => QueryParameterMatchMode.Exists,
        _ => QueryParameterMatchMode.Exact,
    };

    private bool PathMatches(HttpContext context, string? read)
    {
        if (_path is null)
        {
            return true;
        }

        var values = new RouteValueDictionary();
        var path = read is null ? context.Request.Path : new PathString(read);
        if (!_path.TryMatch(path.HasValue ? path : new PathString("/"), values)
            || (_constraints is not null && !_constraints.All(pair => pair.Value.Match(context, null, pair.Key, values, RouteDirection.IncomingRequest))))
        {
            return false;
        }

        context.Request.RouteValues = values;
        return true;
    }
}
