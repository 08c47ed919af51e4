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
        var network = new Argument<string?>("network") { Description = "Only the bans that hold this address or network", Arity = ArgumentArity.ZeroOrOne };
        var command = new ApiCommand("bans", "List the addresses that are banned at gateway and DNS") { network };
        command.Does(async (parsed, api, cancel) => Write(command, parsed, await api.GetAsync(parsed.GetValue(network) is { } asked ? PathOf(asked) : "v1/bans", ReportJson.Default.BanReportArray, cancel)));
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
        var command = new ApiCommand("remove", "End the bans that hold an address or a network now, and forget them") { network };
        command.Does(async (parsed, api, cancel) => Write(command, parsed, await api.DeleteAsync(PathOf(parsed.GetValue(network)!), ReportJson.Default.BanReportArray, cancel)));
        return command;
    }

    private static string PathOf(string network) => $"v1/bans?network={Uri.EscapeDataString(network)}";

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
