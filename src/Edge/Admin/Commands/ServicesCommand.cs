using System.CommandLine;
using System.Text.Json;
using Edge.Admin.Reports;

namespace Edge.Admin.Commands;

/// <summary><c>edge services</c>: what is served, from where, and for how long.</summary>
internal static class ServicesCommand
{
    public static Command Build()
    {
        var command = new ApiCommand("services", "List the services: hosts, destinations, who declared them, lease");
        command.Does(async (parsed, api, cancel) =>
        {
            var report = await api.GetAsync("v1/catalog", ReportJson.Default.ServicesReport, cancel);
            if (command.WantsJson(parsed))
            {
                Console.WriteLine(JsonSerializer.Serialize(report, ReportJson.Default.ServicesReport));
                return 0;
            }

            TextTable.Write(Console.Out, ["NAME", "HOSTS", "TO", "EXPOSE", "FROM", "LEASE"],
            [
                .. report.Services.Select(service => (IReadOnlyList<string>)
                [
                    service.Name,
                    string.Join(", ", service.Hosts),
                    string.Join(", ", service.To),
                    service.Expose,
                    service.Where,
                    service.LeaseSeconds is { } seconds ? $"{seconds}s" : "-",
                ]),
            ]);
            foreach (var conflict in report.Conflicts)
            {
                Console.WriteLine(conflict);
            }

            return 0;
        });
        command.Subcommands.Add(FoundCommand.Build());
        command.Subcommands.Add(AdoptCommand.Build());
        return command;
    }
}
