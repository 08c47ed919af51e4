using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Edge.Admin.Reports;

namespace Edge.Admin.Commands;

/// <summary><c>edge zones</c>: the zones served, one line a view, and what is wrong with their files.</summary>
internal static class ZonesCommand
{
    public static Command Build()
    {
        var command = new ApiCommand("zones", "List the zones in each view, with their serials");
        command.Does(async (parsed, api, cancel) =>
        {
            var report = await api.GetAsync("v1/zones", ReportJson.Default.ZonesReport, cancel);
            if (command.WantsJson(parsed))
            {
                Console.WriteLine(JsonSerializer.Serialize(report, ReportJson.Default.ZonesReport));
                return 0;
            }

            TextTable.Write(Console.Out, ["ZONE", "VIEW", "SERIAL", "RRSETS"],
            [
                .. report.Zones.Select(zone => (IReadOnlyList<string>)
                    [zone.Origin, zone.View, zone.Serial.ToString(CultureInfo.InvariantCulture), zone.RRsets.ToString(CultureInfo.InvariantCulture)]),
            ]);
            foreach (var problem in report.Problems)
            {
                Console.WriteLine(problem);
            }

            return 0;
        });
        return command;
    }
}
