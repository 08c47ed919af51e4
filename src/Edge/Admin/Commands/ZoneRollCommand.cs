using System.CommandLine;
using System.Text.Json;
using Edge.Admin.Reports;

namespace Edge.Admin.Commands;

/// <summary><c>edge zone roll ZONE</c>: exchanges a key, one step a call.</summary>
internal static class ZoneRollCommand
{
    public static Command Build()
    {
        var zone = new Argument<string>("zone") { Description = "The zone, such as example.com" };
        var ksk = new Option<bool>("--ksk") { Description = "Exchange the key that the parent's DS names, where a zone has two kinds" };
        var zsk = new Option<bool>("--zsk") { Description = "Exchange the key that signs the data, where a zone has two kinds" };
        var seen = new Option<bool>("--ds-is-exchanged") { Description = "You have seen that the parent has the new DS and no longer the old one" };
        var cancelling = new Option<bool>("--cancel") { Description = "Take the new key back, while nothing depends on it" };
        var command = new ApiCommand("roll", "Exchange the key of a zone for a new one; each call takes the next step") { zone, ksk, zsk, seen, cancelling };
        command.Does(async (parsed, api, cancel) =>
        {
            var role = parsed.GetValue(ksk) ? "ksk" : parsed.GetValue(zsk) ? "zsk" : null;
            var request = new RolloverRequest(role, parsed.GetValue(seen), parsed.GetValue(cancelling));
            var report = await api.PostAsync($"v1/zones/{Uri.EscapeDataString(parsed.GetValue(zone)!.TrimEnd('.'))}/roll", request, ReportJson.Default.RolloverRequest, ReportJson.Default.RolloverReport, cancel);
            if (command.WantsJson(parsed))
            {
                Console.WriteLine(JsonSerializer.Serialize(report, ReportJson.Default.RolloverReport));
                return 0;
            }

            foreach (var line in report.Lines)
            {
                Console.WriteLine(line);
            }

            return 0;
        });
        return command;
    }
}
