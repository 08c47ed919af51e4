using System.CommandLine;
using System.Text.Json;
using Edge.Admin.Reports;
using Edge.Settings;

namespace Edge.Admin.Commands;

/// <summary><c>edge bans</c>: who is let in nowhere, and why; below it, adding and removing.</summary>
internal static class BansCommand
{
    public static Command Build()
    {
        var command = new ApiCommand("bans", "List the addresses that are banned at gateway and DNS");
        command.Does(async (parsed, api, cancel) => Write(command, parsed, await api.GetAsync("v1/bans", ReportJson.Default.BanReportArray, cancel)));
        command.Subcommands.Add(Add());
        command.Subcommands.Add(Remove());
        return command;
    }

    private static ApiCommand Add()
    {
        var network = new Argument<string>("network") { Description = "An address or a network, such as 203.0.113.9 or 2001:db8::/64" };
        var length = new Option<string?>("--for") { Description = "How long, such as 1h or 30d (default: longer than the time before)" };
        var reason = new Option<string?>("--reason") { Description = "Why, for the list" };
        var command = new ApiCommand("add", "Ban an address or a network") { network, length, reason };
        command.Does(async (parsed, api, cancel) =>
        {
            var text = parsed.GetValue(length);
            if (text is not null && DurationText.Parse(text) is null)
            {
                throw new CommandFailedException($"--for: \"{text}\" is not a time such as 1h or 30d");
            }

            var wanted = new NewBan(parsed.GetValue(network), parsed.GetValue(reason), text is null ? null : (long)DurationText.Parse(text)!.Value.TotalSeconds);
            return Write(command, parsed, await api.PostAsync("v1/bans", wanted, ReportJson.Default.NewBan, ReportJson.Default.BanReportArray, cancel));
        });
        return command;
    }

    private static ApiCommand Remove()
    {
        var network = new Argument<string>("network") { Description = "The address or the network" };
        var command = new ApiCommand("remove", "End a ban now and forget it") { network };
        command.Does(async (parsed, api, cancel) =>
        {
            using var answer = await api.SendAsync(new HttpRequestMessage(HttpMethod.Delete, $"v1/bans?network={Uri.EscapeDataString(parsed.GetValue(network)!)}"), cancel);
            return 0;
        });
        return command;
    }

    private static int Write(ApiCommand command, ParseResult parsed, BanReport[] bans)
    {
        if (command.WantsJson(parsed))
        {
            Console.WriteLine(JsonSerializer.Serialize(bans, ReportJson.Default.BanReportArray));
            return 0;
        }

        TextTable.Write(Console.Out, ["ADDRESS", "UNTIL", "REASON", "FROM", "TIMES"],
        [
            .. bans.Select(ban => (IReadOnlyList<string>)[ban.Network, ban.Until.ToString("yyyy-MM-dd HH:mm'Z'"), ban.Reason, ban.Source, $"{ban.Times}"]),
        ]);
        return 0;
    }
}
