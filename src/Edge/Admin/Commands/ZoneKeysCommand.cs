using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Edge.Admin.Reports;

namespace Edge.Admin.Commands;

/// <summary><c>edge zone keys ZONE</c>: the keys of a zone, and how far they are in use.</summary>
internal static class ZoneKeysCommand
{
    public static Command Build()
    {
        var zone = new Argument<string>("zone") { Description = "The zone, such as example.com" };
        var command = new ApiCommand("keys", "List the keys a zone is signed with") { zone };
        command.Does(async (parsed, api, cancel) =>
        {
            var report = await api.GetAsync($"v1/zones/{Uri.EscapeDataString(parsed.GetValue(zone)!.TrimEnd('.'))}/keys", ReportJson.Default.ZoneKeysReport, cancel);
            if (command.WantsJson(parsed))
            {
                Console.WriteLine(JsonSerializer.Serialize(report, ReportJson.Default.ZoneKeysReport));
                return 0;
            }

            TextTable.Write(Console.Out, ["KEY", "ROLE", "ALGORITHM", "SIGNS", "DS", "SINCE"],
            [
                .. report.Keys.Select(key => (IReadOnlyList<string>)
                [
                    key.Tag.ToString(CultureInfo.InvariantCulture),
                    key.Role,
                    key.Algorithm,
                    !report.Signed ? "-" : key.Role == "ksk" ? "keys" : key.Signs ? key.Role == "csk" ? "all" : "data" : key.Role == "csk" ? "keys" : "-",
                    key.Announced ? "wanted" : "-",
                    key.Since.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture),
                ]),
            ]);
            if (!report.Signed || report.Keys.IsEmpty)
            {
                Console.WriteLine($"{report.Zone} is not signed; \"edge zone sign\" says how it becomes so");
            }
            else
            {
                Console.WriteLine($"denial: {report.Denial}; keys: {report.Folder}");
            }

            if (report.Rollover is not null)
            {
                Console.WriteLine(report.Rollover);
            }

            return 0;
        });
        return command;
    }
}
