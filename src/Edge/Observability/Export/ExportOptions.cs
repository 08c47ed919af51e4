using System.Collections.Immutable;
using System.Globalization;
using Edge.Settings;

namespace Edge.Observability.Export;

/// <summary>The section <c>opentelemetry</c> of edge.yaml: which collector gets what. Without it nothing is sent.</summary>
internal sealed record ExportOptions
{
    /// <summary>Where the collector takes OTLP over HTTP; null for nowhere.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>What each message to the collector carries, such as a token.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>The share of requests that are traced, from 0 to 1.</summary>
    public double Traces { get; init; } = 1;

    public bool Metrics { get; init; } = true;

    /// <summary>How often metrics are sent.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether requests are traced at all.</summary>
    public bool Tracing => Endpoint is not null && Traces > 0;

    /// <summary>All of it in one line, to be compared.</summary>
    public string Text => string.Create(CultureInfo.InvariantCulture, $"{Endpoint} {string.Join(' ', Headers)} {Traces} {Metrics} {Interval}");

    public static ExportOptions Read(MapReader? section)
    {
        var options = new ExportOptions();
        if (section is null)
        {
            return options;
        }

        options = options with
        {
            Endpoint = ReadEndpoint(section),
            Headers = ReadHeaders(section.Section("headers")),
            Traces = ReadShare(section) ?? options.Traces,
            Metrics = section.Switch("metrics") ?? options.Metrics,
            Interval = ReadInterval(section) ?? options.Interval,
        };
        section.Done();
        return options;
    }

    private static Uri? ReadEndpoint(MapReader section)
    {
        if (section.Text("endpoint") is not { } text)
        {
            section.Problems.Add(section.Map, "names no collector", "add endpoint: http://127.0.0.1:4318, where it takes OTLP over HTTP; without the section nothing is sent");
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri is { UserInfo: "", Query: "", Fragment: "" })
        {
            return uri;
        }

        section.Problems.Add(section.Node("endpoint")!, $"\"{text}\" is not a URL such as http://127.0.0.1:4318 (/v1/traces and /v1/metrics are added)");
        return null;
    }

    private static ImmutableArray<KeyValuePair<string, string>> ReadHeaders(MapReader? section)
    {
        if (section is null)
        {
            return [];
        }

        var headers = section.Map.Entries.Select(entry => KeyValuePair.Create(entry.Key, section.Text(entry.Key) ?? "")).ToImmutableArray();
        foreach (var (name, value) in headers)
        {
            if (name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')) || value.Any(c => c is < ' ' or > '~'))
            {
                section.Problems.Add(section.Node(name)!, "is not a header of HTTP: a name of letters, digits and hyphens, and a value of ASCII");
            }
        }

        return headers;
    }

    private static double? ReadShare(MapReader section)
    {
        var text = section.Text("traces");
        switch (text)
        {
            case null:
                return null;
            case "all":
                return 1;
            case "none":
                return 0;
        }

        if (text.EndsWith('%') && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) && percent is >= 0 and <= 100)
        {
            return percent / 100;
        }

        section.Problems.Add(section.Node("traces")!, $"\"{text}\" is neither \"all\" nor \"none\" nor a share such as 10%");
        return null;
    }

    private static TimeSpan? ReadInterval(MapReader section)
    {
        var interval = section.Duration("interval");
        if (interval is { } time && (time < TimeSpan.FromSeconds(1) || time > TimeSpan.FromHours(1)))
        {
            section.Problems.Add(section.Node("interval")!, "must lie between 1s and 1h");
            return null;
        }

        return interval;
    }
}
