using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Edge.Admin.Reports;

namespace Edge.Admin.Commands;

/// <summary><c>edge zone changes</c> and <c>edge zone forget</c>: what updates made of a zone, and back to its file.</summary>
internal static class ZoneChangesCommand
{
    public static ApiCommand BuildChanges()
    {
        var zone = Zone();
        var command = new ApiCommand("changes", "List what updates (nsupdate, ACME clients, DHCP) have changed in a zone") { zone };
        command.Does(async (parsed, api, cancel) =>
        {
            var changes = await api.GetAsync(Path(parsed.GetValue(zone)!), ReportJson.Default.ChangeReportArray, cancel);
            if (command.WantsJson(parsed))
            {
                Console.WriteLine(JsonSerializer.Serialize(changes, ReportJson.Default.ChangeReportArray));
                return 0;
            }

            TextTable.Write(Console.Out, ["NAME", "TYPE", "VIEW", "TTL", "DATA", "BY"],
            [
                .. changes.SelectMany(change => (change.Data.IsEmpty ? ["(removed)"] : change.Data).Select(data => (IReadOnlyList<string>)
                    [change.Name, change.Type, change.View ?? "-", change.Ttl?.ToString(CultureInfo.InvariantCulture) ?? "-", data, change.Source])),
            ]);
            return 0;
        });
        return command;
    }

    public static ApiCommand BuildForget()
    {
        var zone = Zone();
        var name = new Argument<string?>("name") { Description = "The name, such as www or www.example.com", Arity = ArgumentArity.ZeroOrOne };
        var type = new Argument<string?>("type") { Description = "Only this type, such as A (default: all types)", Arity = ArgumentArity.ZeroOrOne };
        var view = new Option<string?>("--view") { Description = "Only what was changed for this view" };
        var all = new Option<bool>("--all") { Description = "Every change of the zone" };
        var command = new ApiCommand("forget", "Give names back to the zone's file: what updates made of them is dropped") { zone, name, type, view, all };
        command.Does(async (parsed, api, cancel) =>
        {
            if (parsed.GetValue(name) is null == !parsed.GetValue(all))
            {
                throw new CommandFailedException("name what is to be forgotten: edge zone forget ZONE NAME [TYPE], or edge zone forget ZONE --all");
            }

            var query = string.Join('&', new[] { ("name", parsed.GetValue(name)), ("type", parsed.GetValue(type)), ("view", parsed.GetValue(view)), ("all", parsed.GetValue(all) ? "true" : null) }
                .Where(pair => pair.Item2 is not null).Select(pair => $"{pair.Item1}={Uri.EscapeDataString(pair.Item2!)}"));
            var done = await api.DeleteAsync($"{Path(parsed.GetValue(zone)!)}?{query}", ReportJson.Default.ForgottenReport, cancel);
            Console.WriteLine(command.WantsJson(parsed) ? JsonSerializer.Serialize(done, ReportJson.Default.ForgottenReport) : done.Forgotten switch
            {
                0 => "no update has changed that",
                1 => "1 RRset follows the zone's file again",
                var count => $"{count} RRsets follow the zone's file again",
            });
            return 0;
        });
        return command;
    }

    private static Argument<string> Zone() => new("zone") { Description = "The zone, such as example.com" };

    private static string Path(string zone) => $"v1/zones/{Uri.EscapeDataString(zone)}/changes";
}
