using System.Globalization;
using System.Net;
using Edge.Dns.Queries;
using Edge.Dns.Zones;
using Edge.Settings;
using Microsoft.AspNetCore.Http;

namespace Edge.Admin;

/// <summary>Reads which queries somebody wants to see from the query of a URL.</summary>
internal static class QueryFilterReader
{
    private const int Most = 10_000;

    /// <summary>The filter; null when something is not what it should be, and <paramref name="problem"/> says all that is not.</summary>
    public static QueryFilter? Read(IQueryCollection query, DateTimeOffset now, out string? problem)
    {
        var problems = new List<string>();
        var filter = new QueryFilter
        {
            Since = Value(query, "since") is { } since ? Since(since, now, problems) : null,
            Network = Value(query, "client") is { } client && client[0] != '#' ? Network(client, problems) : null,
            Client = Value(query, "client") is ['#', ..] hashed ? hashed : null,
            Name = Value(query, "name")?.TrimEnd('.'),
            Type = Value(query, "type") is { } type ? Type(type, problems) : null,
            Blocked = Value(query, "blocked") is { } blocked && Flag(blocked, problems),
            Limit = Value(query, "limit") is { } limit ? Limit(limit, problems) : new QueryFilter().Limit,
        };
        problem = problems.Count == 0 ? null : string.Join("; ", problems);
        return problems.Count == 0 ? filter : null;
    }

    private static string? Value(IQueryCollection query, string key) => query[key].ToString() is { Length: > 0 } text ? text : null;

    private static DateTimeOffset? Since(string text, DateTimeOffset now, List<string> problems)
    {
        if (DurationText.Parse(text) is { } ago)
        {
            return now - ago;
        }

        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            return time;
        }

        problems.Add($"since: \"{text}\" is neither how long ago (10m, 1h) nor a time (2026-11-26T15:00:00Z)");
        return null;
    }

    private static IPNetwork? Network(string text, List<string> problems)
    {
        if (IPAddress.TryParse(text, out var address))
        {
            return new IPNetwork(address, address.GetAddressBytes().Length * 8);
        }

        if (IPNetwork.TryParse(text, out var network))
        {
            return network;
        }

        problems.Add($"client: \"{text}\" is neither an address nor a network such as 192.168.1.0/24");
        return null;
    }

    private static ushort? Type(string text, List<string> problems)
    {
        if (RecordText.TryParseType(text, out var type))
        {
            return (ushort)type;
        }

        problems.Add($"type: \"{text}\" is not a record type, such as A or TXT");
        return null;
    }

    private static bool Flag(string text, List<string> problems)
    {
        if (text is not ("true" or "false"))
        {
            problems.Add($"blocked: \"{text}\" is not true or false");
        }

        return text == "true";
    }

    private static int Limit(string text, List<string> problems)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= Most)
        {
            return limit;
        }

        problems.Add(string.Create(CultureInfo.InvariantCulture, $"limit: \"{text}\" is not a number from 1 to {Most}"));
        return 0;
    }
}
