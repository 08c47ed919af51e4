using System.Globalization;
using Edge.Settings;

namespace Edge.Services.Routing;

/// <summary>Reads how a route's requests are shared out, limited and guarded.</summary>
internal static class TrafficReader
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private static readonly (string Word, BalanceKind Kind)[] Kinds =
    [
        ("p2c", BalanceKind.PowerOfTwoChoices), ("round-robin", BalanceKind.RoundRobin), ("least", BalanceKind.Least), ("weighted", BalanceKind.Weighted), ("hash", BalanceKind.Hash),
    ];

    /// <param name="reader">The mapping of the service or route.</param>
    /// <param name="mayNameFiles">False for a registration: whoever may register is not thereby allowed to read files of this machine.</param>
    public static RouteTraffic Read(MapReader reader, bool mayNameFiles)
    {
        var timeouts = reader.Section("timeouts");
        var traffic = new RouteTraffic
        {
            Balance = Balance(reader),
            StickyCookie = Sticky(reader),
            Health = Health(reader),
            Retries = reader.Number("retries", 0, 5),
            Breaker = Breaker(reader),
            ConnectTimeout = Within(timeouts, "connect"),
            RequestTimeout = Within(timeouts, "request"),
            IdleTimeout = Within(timeouts, "idle"),
            MaxBody = Size(reader),
            Http2 = reader.Word("protocol", "h1", "h2") is { } protocol ? protocol == "h2" : null,
            Compress = Compress(reader),
            ErrorPage = FileOf(reader, "error-page", mayNameFiles),
            Hsts = HstsReader.Read(reader),
        };
        timeouts?.Done();
        return traffic;
    }

    /// <summary>The full path of a file or folder; null when nothing is said, or something wrong.</summary>
    public static string? FileOf(MapReader reader, string key, bool mayNameFiles)
    {
        if (reader.Text(key) is not { } path)
        {
            return null;
        }

        if (!mayNameFiles)
        {
            reader.Problems.Add(reader.Map.Find(key)!, "names a file of this machine, which only a file in proxy-routes/ may", "say it there");
            return null;
        }

        if (Path.IsPathFullyQualified(path) && !path.Any(char.IsControl))
        {
            return Path.GetFullPath(path);
        }

        reader.Problems.Add(reader.Map.Find(key)!, $"\"{path}\" is not an absolute path", "such as /srv/www");
        return null;
    }

    private static Balancing? Balance(MapReader reader)
    {
        if (reader.Node("balance") is not MapNode map)
        {
            return reader.Word("balance", [.. Kinds.Select(kind => kind.Word)]) is { } word ? Of(Kinds.First(kind => kind.Word == word).Kind) : null;
        }

        var section = new MapReader(map, reader.Problems);
        var (by, name) = (section.Word("hash", "client", "header", "cookie"), section.Text("name"));
        section.Done();
        if (by is null || (by == "client") != (name is null) || (name is not null && !PatternText.IsToken(name)))
        {
            reader.Problems.Add(map, "says not what is hashed", "such as { hash: client }, { hash: header, name: X-User } or { hash: cookie, name: session }");
            return null;
        }

        return new Balancing(BalanceKind.Hash, by, name);
    }

    private static Balancing Of(BalanceKind kind) => kind == BalanceKind.Hash ? new Balancing(kind, "client") : new Balancing(kind);

    // true, or the name of the cookie.
    private static string? Sticky(MapReader reader)
    {
        if (reader.Text("sticky") is not { } said || said == "false")
        {
            return null;
        }

        if (PatternText.IsToken(said))
        {
            return said == "true" ? "" : said;
        }

        reader.Problems.Add(reader.Map.Find("sticky")!, $"\"{said}\" is neither true nor the name of a cookie");
        return null;
    }

    private static HealthProbe? Health(MapReader reader)
    {
        if (reader.Node("health") is not MapNode map)
        {
            return reader.Text("health") is { } text && IsPath(reader, "health", text) ? new HealthProbe(text, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5), ["200-299"], 2) : null;
        }

        var section = new MapReader(map, reader.Problems);
        var path = section.Text("path") ?? "/";
        var statuses = section.List("status", "a status such as 200, or a range such as 200-299", Statuses);
        var probe = new HealthProbe(path, Within(section, "interval") ?? TimeSpan.FromSeconds(10), Within(section, "timeout") ?? TimeSpan.FromSeconds(5), statuses.Count == 0 ? ["200-299"] : [.. statuses], section.Number("threshold", 1, 100) ?? 2);
        section.Done();
        return IsPath(section, "path", path) ? probe : null;
    }

    private static bool IsPath(MapReader reader, string key, string path)
    {
        if (path.StartsWith('/') && path.Length <= 1024 && !path.AsSpan().ContainsAny("#\\ ") && !path.Any(char.IsControl))
        {
            return true;
        }

        reader.Problems.Add(reader.Map.Find(key)!, $"\"{path}\" is not a path such as /healthz");
        return false;
    }

    private static string? Statuses(string text)
    {
        var parts = text.Split('-');
        return parts.Length <= 2 && parts.All(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is >= 100 and <= 599) ? text : null;
    }

    private static BreakerSettings? Breaker(MapReader reader)
    {
        if (reader.Section("breaker") is not { } section)
        {
            return null;
        }

        var settings = new BreakerSettings(section.Number("failures", 1, 1000) ?? 5, Within(section, "open") ?? TimeSpan.FromSeconds(30));
        section.Done();
        return settings;
    }

    private static TimeSpan? Within(MapReader? section, string key)
    {
        if (section?.Duration(key) is not { } time)
        {
            return null;
        }

        if (time > TimeSpan.Zero && time <= Longest)
        {
            return time;
        }

        section.Problems.Add(section.Map.Find(key)!, "is not a time up to 24h");
        return null;
    }

    private static long? Size(MapReader reader)
    {
        if (reader.Text("max-body") is not { } text)
        {
            return null;
        }

        if (SizeText.Parse(text) is { } size)
        {
            return size;
        }

        reader.Problems.Add(reader.Map.Find("max-body")!, $"\"{text}\" is not a size such as 10MB");
        return null;
    }

    // true, false, or which.
    private static ValueList<string>? Compress(MapReader reader) => reader.Node("compress") switch
    {
        null => null,
        ScalarNode { Value: "true" } => ["br", "gzip"],
        ScalarNode { Value: "false" } => [],
        _ => [.. reader.List("compress", "true, false, br or gzip", text => text is "br" or "gzip" ? text : null).Distinct()],
    };
}
