using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Configuration;

namespace Edge.Gateway;

/// <summary>The header and query conditions of YARP's route schema, all of which must hold.</summary>
internal static class RouteConditions
{
    public static bool HeadersMatch(RouteHeader[] conditions, IHeaderDictionary headers)
    {
        foreach (var condition in conditions)
        {
            headers.TryGetValue(condition.Name, out var values);
            if (!HeaderMatches(condition, values))
            {
                return false;
            }
        }

        return true;
    }

    public static bool QueryMatches(RouteQueryParameter[] conditions, IQueryCollection query)
    {
        foreach (var condition in conditions)
        {
            query.TryGetValue(condition.Name, out var values);
            if (!ParameterMatches(condition, values))
            {
                return false;
            }
        }

        return true;
    }

    private static bool HeaderMatches(RouteHeader condition, StringValues found)
    {
        var absent = StringValues.IsNullOrEmpty(found);
        var comparison = Comparison(condition.IsCaseSensitive);
        return condition.Mode switch
        {
            HeaderMatchMode.Exists => !absent,
            HeaderMatchMode.NotExists => absent,
            HeaderMatchMode.ExactHeader => Any(Split(condition.Name, found), condition.Values, (value, wanted) => value.Equals(wanted, comparison)),
            HeaderMatchMode.HeaderPrefix => Any(Split(condition.Name, found), condition.Values, (value, wanted) => value.StartsWith(wanted, comparison)),
            HeaderMatchMode.Contains => Any(found, condition.Values, (value, wanted) => value.Contains(wanted, comparison)),
            HeaderMatchMode.NotContains => !Any(found, condition.Values, (value, wanted) => value.Contains(wanted, comparison)),
            _ => false,
        };
    }

    private static bool ParameterMatches(RouteQueryParameter condition, StringValues found)
    {
        var absent = StringValues.IsNullOrEmpty(found);
        var comparison = Comparison(condition.IsCaseSensitive);
        return condition.Mode switch
        {
            QueryParameterMatchMode.Exists => !absent,
            QueryParameterMatchMode.Exact => Any(found, condition.Values, (value, wanted) => value.Equals(wanted, comparison)),
            QueryParameterMatchMode.Prefix => Any(found, condition.Values, (value, wanted) => value.StartsWith(wanted, comparison)),
            QueryParameterMatchMode.Contains => Any(found, condition.Values, (value, wanted) => value.Contains(wanted, comparison)),
            QueryParameterMatchMode.NotContains => !absent && !Any(found, condition.Values, (value, wanted) => value.Contains(wanted, comparison)),
            _ => false,
        };
    }

    private static bool Any(IEnumerable<string?> found, IReadOnlyList<string>? wanted, Func<string, string, bool> test) =>
        found.Any(value => value is not null && wanted!.Any(one => test(value, one)));

    // A header may hold a list in one line; cookies are separated by semicolons (RFC 6265 section 4.2.1).
    private static IEnumerable<string> Split(string header, StringValues values)
    {
        var separator = header.Equals("Cookie", StringComparison.OrdinalIgnoreCase) ? ';' : ',';
        foreach (var line in values)
        {
            foreach (var part in SplitOutsideQuotes(line ?? "", separator))
            {
                yield return part.Length > 1 && part[0] == '"' && part[^1] == '"' ? part[1..^1] : part;
            }
        }
    }

    private static IEnumerable<string> SplitOutsideQuotes(string line, char separator)
    {
        var (start, quoted) = (0, false);
        for (var i = 0; i <= line.Length; i++)
        {
            if (i < line.Length && line[i] == '"')
            {
                quoted = !quoted;
            }

            if (i == line.Length || (line[i] == separator && !quoted))
            {
                yield return line[start..i].Trim();
                start = i + 1;
            }
        }
    }

    private static StringComparison Comparison(bool caseSensitive) => caseSensitive ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
}
