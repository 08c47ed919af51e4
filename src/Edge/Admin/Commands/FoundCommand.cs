using System.CommandLine;
using System.Text.Json;
using Edge.Admin.Reports;

namespace Edge.Admin.Commands;

/// <summary><c>edge services found</c>: what neighbours say they have.</summary>
internal static class FoundCommand
{
    public static Command Build()
    {
        var command = new ApiCommand("found", "List services of other devices that were found by mDNS and are not served");
        command.Does(async (parsed, api, cancel) =>
        {
            var report = await api.GetAsync("v1/found", ReportJson.Default.FoundServicesReport, cancel);
            if (command.WantsJson(parsed))
            {
                Console.WriteLine(JsonSerializer.Serialize(report, ReportJson.Default.FoundServicesReport));
                return 0;
            }

            if (report.Types.IsEmpty)
            {
                Console.WriteLine("nothing is looked for; say mdns: {browse: on} in edge.yaml");
                return 0;
            }

            TextTable.Write(Console.Out, ["NAME", "FOUND", "TYPE", "TO", "HOST", "SERVED AS"],
            [
                .. report.Services.Select(one => (IReadOnlyList<string>)[one.Name, one.Instance, one.Type, one.To ?? "-", one.Host, one.AdoptedAs ?? "-"]),
            ]);
            if (!report.OtherTypes.IsDefaultOrEmpty)
            {
                Console.WriteLine($"other types in the LAN, for mdns: browse of edge.yaml: {string.Join(", ", report.OtherTypes)}");
            }

            return 0;
        });
        return command;
    }
}
