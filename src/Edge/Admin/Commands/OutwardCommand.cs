using System.CommandLine;
using System.Text.Json;
using Edge.Admin.Reports;

namespace Edge.Admin.Commands;

/// <summary><c>edge outward list|push</c>: names that others serve, which get the address of this box.</summary>
internal static class OutwardCommand
{
    public static Command Build() => new("outward", "List and push names that others serve and that get this box's address") { List(), Push() };

    private static ApiCommand List()
    {
        var command = new ApiCommand("list", "List the names, what they have, and what the other side said");
        command.Does(async (parsed, api, cancel) =>
        {
            Write(await api.GetAsync("v1/outward", ReportJson.Default.OutwardReportArray, cancel), command.WantsJson(parsed));
            return 0;
        });
        return command;
    }

    private static ApiCommand Push()
    {
        var name = new Argument<string>("name") { Description = "The name, such as home.example.net" };
        var command = new ApiCommand("push", "Send a name now, whatever the other side said before") { name };
        command.Does(async (parsed, api, cancel) =>
        {
            using var answer = await api.SendAsync(new HttpRequestMessage(HttpMethod.Post, $"v1/outward/{Uri.EscapeDataString(parsed.GetValue(name)!)}"), cancel);
            var names = JsonSerializer.Deserialize(await answer.Content.ReadAsByteArrayAsync(cancel), ReportJson.Default.OutwardReportArray)!;
            Write(names, command.WantsJson(parsed));
            return names.All(one => one.State is "sent" or "unchanged") ? 0 : 1;
        });
        return command;
    }

    private static void Write(OutwardReport[] names, bool asJson)
    {
        if (asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(names, ReportJson.Default.OutwardReportArray));
            return;
        }

        TextTable.Write(Console.Out, ["NAME", "BY", "WANTED", "SENT", "LOOKED", "NEXT", "STATE"],
        [
            .. names.Select(one => (IReadOnlyList<string>)
                [one.Host, one.By, one.Wanted, one.Sent ?? "-", Time(one.Looked), Time(one.Next), one.Why.Length == 0 ? one.State : $"{one.State}: {one.Why}"]),
        ]);
    }

    private static string Time(DateTimeOffset? time) => time?.ToString("yyyy-MM-dd HH:mm'Z'") ?? "-";
}
