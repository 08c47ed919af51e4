using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Edge.Admin.Reports;

namespace Edge.Admin.Commands;

/// <summary><c>edge filter</c>: the lists with what became of them; below it, a refresh and a pause.</summary>
internal static class FilterCommand
{
    public static Command Build()
    {
        var command = new ApiCommand("filter", "List the filter's lists: rules, hits, last update, errors");
        command.Does(async (parsed, api, cancel) => Write(command, parsed, await api.GetAsync("v1/filter", ReportJson.Default.FilterReport, cancel)));
        command.Subcommands.Add(Update());
        command.Subcommands.Add(Pause());
        command.Subcommands.Add(Resume());
        return command;
    }

    private static ApiCommand Update()
    {
        var list = new Argument<string?>("list") { Description = "The list; all of them when left out", Arity = ArgumentArity.ZeroOrOne };
        var accept = new Option<bool>("--accept") { Description = "Take a list that has lost most of its rules" };
        var command = new ApiCommand("update", "Fetch lists now") { list, accept };
        command.Does(async (parsed, api, cancel) =>
        {
            var path = $"v1/filter/update?accept={(parsed.GetValue(accept) ? "true" : "false")}&list={Uri.EscapeDataString(parsed.GetValue(list) ?? "")}";
            var report = await PostAsync(api, path, cancel);
            Write(command, parsed, report);
            return report.Lists.Any(one => one.Error is not null) ? 1 : 0;
        });
        return command;
    }

    private static ApiCommand Pause()
    {
        var minutes = new Argument<int>("minutes") { Description = "For how long nothing is blocked" };
        var command = new ApiCommand("pause", "Block nothing for some minutes") { minutes };
        command.Does(async (parsed, api, cancel) =>
            Write(command, parsed, await PostAsync(api, $"v1/filter/pause?minutes={parsed.GetValue(minutes).ToString(CultureInfo.InvariantCulture)}", cancel)));
        return command;
    }

    private static ApiCommand Resume()
    {
        var command = new ApiCommand("resume", "End a pause");
        command.Does(async (parsed, api, cancel) => Write(command, parsed, await PostAsync(api, "v1/filter/resume", cancel)));
        return command;
    }

    private static async Task<FilterReport> PostAsync(AdminClient api, string path, CancellationToken cancel)
    {
        using var answer = await api.SendAsync(new HttpRequestMessage(HttpMethod.Post, path), cancel);
        await using var body = await answer.Content.ReadAsStreamAsync(cancel);
        return await JsonSerializer.DeserializeAsync(body, ReportJson.Default.FilterReport, cancel) ?? throw new CommandFailedException("the answer was empty");
    }

    private static int Write(ApiCommand command, ParseResult parsed, FilterReport report)
    {
        if (command.WantsJson(parsed))
        {
            Console.WriteLine(JsonSerializer.Serialize(report, ReportJson.Default.FilterReport));
            return 0;
        }

        TextTable.Write(Console.Out, ["LIST", "RULES", "HITS", "UNUSABLE", "UPDATED", "FROM"],
        [
            .. report.Lists.Select(list => (IReadOnlyList<string>)[list.Name, Text(list.Rules), Text(list.Hits), Text(list.Unusable), Updated(list), list.From]),
            .. report.Settings.Select(own => (IReadOnlyList<string>)[own.Key, Text(own.Rules), Text(own.Hits), "-", "-", "edge.yaml"]),
        ]);
        Console.WriteLine($"{report.Names} names, {report.Bytes >> 10} KB{(report.BlockedByHours > 0 ? $"; blocked for the hour alone: {report.BlockedByHours}" : "")}");
        foreach (var group in report.Groups)
        {
            Console.WriteLine($"{group.Name}{(group.Clients.IsEmpty ? "" : $" ({string.Join(", ", group.Clients)})")}: {(group.BlocksAll ? "everything is blocked now" : group.Lists.IsEmpty ? "no list counts now" : string.Join(", ", group.Lists))}");
        }

        if (report.PausedUntil is { } until)
        {
            Console.WriteLine($"nothing is blocked until {until.ToLocalTime():HH:mm:ss}");
        }

        foreach (var list in report.Lists.Where(list => list.Error is not null))
        {
            Console.WriteLine($"{list.Name}: {list.Error}");
        }

        foreach (var problem in report.Lists.SelectMany(list => list.Problems))
        {
            Console.WriteLine(problem);
        }

        return 0;
    }

    private static string Updated(FilterListReport list) =>
        list.Due is null ? "file" : list.Checked is { } at ? at.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) : "never";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
