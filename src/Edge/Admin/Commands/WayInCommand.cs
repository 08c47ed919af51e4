using System.Text.Json;
using Edge.Admin.Reports;

namespace Edge.Admin.Commands;

/// <summary><c>edge way-in</c>: whether the internet reaches this box, and what to do when it does not.</summary>
internal static class WayInCommand
{
    public static ApiCommand Build()
    {
        var command = new ApiCommand("way-in", "Show whether the internet reaches this box: the router, its ports, the public address");
        command.Does(async (parsed, api, cancel) =>
        {
            var way = await api.GetAsync("v1/way-in", ReportJson.Default.WayInReport, cancel);
            if (command.WantsJson(parsed))
            {
                Console.WriteLine(JsonSerializer.Serialize(way, ReportJson.Default.WayInReport));
                return 0;
            }

            Console.WriteLine($"""
                state      {way.State}
                           {way.Words}
                router     {way.Router ?? "-"}{(way.Protocol is null ? "" : $" ({way.Protocol})")}
                outside    {way.RouterAddress ?? "-"}{(way.EchoAddresses.IsEmpty ? "" : $", seen as {string.Join(", ", way.EchoAddresses)}")}
                published  {(way.Published.IsEmpty ? "-" : string.Join(", ", way.Published))}
                """);
            if (!way.Mappings.IsEmpty)
            {
                Console.WriteLine();
                TextTable.Write(Console.Out, ["FOR", "PROTOCOL", "OUTSIDE", "HERE", "STATE", "UNTIL"],
                [
                    .. way.Mappings.Select(one => (IReadOnlyList<string>)
                        [one.For, one.Protocol, $"{one.External}", $"{one.Internal}", one.Reason is null ? one.State : $"{one.State}: {one.Reason}", one.Until?.ToString("HH:mm:ss'Z'") ?? "-"]),
                ]);
            }

            return 0;
        });
        return command;
    }
}
