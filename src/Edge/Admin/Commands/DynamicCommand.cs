using System.CommandLine;
using System.Text.Json;
using Edge.Admin.Reports;

namespace Edge.Admin.Commands;

/// <summary><c>edge dynamic list|remove</c>: names whose addresses their clients send.</summary>
internal static class DynamicCommand
{
    public static Command Build() => new("dynamic", "List and remove names whose addresses their clients send (dyndns2, RFC 2136)") { List(), Remove() };

    private static ApiCommand List()
    {
        var command = new ApiCommand("list", "List the names, their addresses, and whose they are");
        command.Does(async (parsed, api, cancel) =>
        {
            var names = await api.GetAsync("v1/dynamic", ReportJson.Default.DynamicReportArray, cancel);
            if (command.WantsJson(parsed))
            {
                Console.WriteLine(JsonSerializer.Serialize(names, ReportJson.Default.DynamicReportArray));
                return 0;
            }

            TextTable.Write(Console.Out, ["NAME", "IPV4", "IPV6", "TOKEN", "EXPOSE", "CHANGED", "ENDS", "STATE"],
            [
                .. names.Select(one => (IReadOnlyList<string>)
                    [one.Host, one.IPv4 ?? "-", one.IPv6 ?? "-", one.Token, one.Expose, one.Changed.ToString("yyyy-MM-dd HH:mm'Z'"), one.Ends?.ToString("yyyy-MM-dd HH:mm'Z'") ?? "-", one.Hindrance is null ? "answered" : $"not answered: the name {one.Hindrance}"]),
            ]);
            return 0;
        });
        return command;
    }

    private static ApiCommand Remove()
    {
        var name = new Argument<string>("name") { Description = "The name, such as phone.example.com" };
        var command = new ApiCommand("remove", "Forget a name and its addresses now") { name };
        command.Does(async (parsed, api, cancel) =>
        {
            using var answer = await api.SendAsync(new HttpRequestMessage(HttpMethod.Delete, $"v1/dynamic/{Uri.EscapeDataString(parsed.GetValue(name)!)}"), cancel);
            return 0;
        });
        return command;
    }
}
