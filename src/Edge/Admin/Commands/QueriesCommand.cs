using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Edge.Admin.Reports;
using Edge.Dns.Queries;

namespace Edge.Admin.Commands;

/// <summary><c>edge queries</c>: what was asked, by whom, and how it was answered.</summary>
internal sealed class QueriesCommand
{
    private readonly Option<bool> _follow = new("--follow", "-f") { Description = "Go on with what is asked from now on" };
    private readonly Option<bool> _top = new("--top") { Description = "The statistics instead: who asks most, for what, and how long answers take" };
    private readonly Option<string?> _client = new("--client") { Description = "Only this address or network, such as 192.168.1.20 or 192.168.1.0/24" };
    private readonly Option<string?> _name = new("--name") { Description = "Only names that hold this text" };
    private readonly Option<string?> _type = new("--type") { Description = "Only this type, such as AAAA" };
    private readonly Option<bool> _blocked = new("--blocked") { Description = "Only what a list blocked" };
    private readonly Option<string?> _since = new("--since") { Description = "Only what came since, such as 10m or 2026-11-26T15:00:00Z" };
    private readonly Option<int> _limit = new("--limit", "-n") { Description = "At most so many, the latest ones", DefaultValueFactory = _ => 100 };
    private readonly ApiCommand _command = new("queries", "Show what was asked, by whom, and how it was answered");

    public static Command Build()
    {
        var queries = new QueriesCommand();
        foreach (var option in (Option[])[queries._follow, queries._top, queries._client, queries._name, queries._type, queries._blocked, queries._since, queries._limit])
        {
            queries._command.Options.Add(option);
        }

        queries._command.Does(queries.RunAsync);
        return queries._command;
    }

    private async Task<int> RunAsync(ParseResult parsed, AdminClient api, CancellationToken cancel)
    {
        if (parsed.GetValue(_follow))
        {
            await FollowAsync(parsed, api, cancel);
            throw new CommandFailedException("Edge has ended the connection");
        }

        if (parsed.GetValue(_top))
        {
            var statistics = await api.GetAsync("v1/statistics?top=10", ReportJson.Default.QueryStatistics, cancel);
            Console.WriteLine(_command.WantsJson(parsed) ? JsonSerializer.Serialize(statistics, ReportJson.Default.QueryStatistics) : StatisticsText.Format(statistics));
            return 0;
        }

        var report = await api.GetAsync($"v1/queries?{Filter(parsed)}", ReportJson.Default.QueriesReport, cancel);
        if (_command.WantsJson(parsed))
        {
            Console.WriteLine(JsonSerializer.Serialize(report, ReportJson.Default.QueriesReport));
            return 0;
        }

        if (!report.Recording)
        {
            throw new CommandFailedException("queries are not recorded: edge.yaml says \"queries: off\"");
        }

        Console.WriteLine(QueryLine.Head);
        foreach (var query in report.Queries)
        {
            Console.WriteLine(QueryLine.Format(query));
        }

        return 0;
    }

    private async Task FollowAsync(ParseResult parsed, AdminClient api, CancellationToken cancel)
    {
        using var lines = new StreamReader(await api.OpenAsync($"v1/queries/follow?{Filter(parsed)}", cancel));
        var asJson = _command.WantsJson(parsed);
        if (!asJson)
        {
            Console.WriteLine(QueryLine.Head);
        }

        while (await ReadLineAsync(lines, cancel) is { } line)
        {
            if (line.Length == 0)
            {
                continue;
            }

            if (asJson)
            {
                Console.WriteLine(line);
            }
            else if (JsonSerializer.Deserialize(line, QueryJson.Default.QueryEvent) is { } seen)
            {
                Console.WriteLine(seen.Query is { } query ? QueryLine.Format(query) : string.Create(CultureInfo.InvariantCulture, $"({seen.Missed} more, which came too fast to be shown)"));
            }
        }
    }

    // Null at the end, however it came.
    private static async Task<string?> ReadLineAsync(StreamReader lines, CancellationToken cancel)
    {
        try
        {
            return await lines.ReadLineAsync(cancel);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private string Filter(ParseResult parsed) => string.Join('&', new[]
    {
        ("client", parsed.GetValue(_client)),
        ("name", parsed.GetValue(_name)),
        ("type", parsed.GetValue(_type)),
        ("blocked", parsed.GetValue(_blocked) ? "true" : null),
        ("since", parsed.GetValue(_since)),
        ("limit", parsed.GetValue(_limit).ToString(CultureInfo.InvariantCulture)),
    }.Where(pair => pair.Item2 is not null).Select(pair => $"{pair.Item1}={Uri.EscapeDataString(pair.Item2!)}"));
}
