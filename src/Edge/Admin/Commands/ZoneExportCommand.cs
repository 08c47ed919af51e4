using System.CommandLine;

namespace Edge.Admin.Commands;

/// <summary><c>edge zone export ZONE --view VIEW</c>: what is served now, as a zone file that other servers load.</summary>
internal static class ZoneExportCommand
{
    public static Command Build()
    {
        var zone = new Argument<string>("zone") { Description = "The zone's name" };
        var view = new Option<string?>("--view") { Description = "Whose zone: the name of a view" };
        var from = new Option<string?>("--from") { Description = "Whose zone: the view in which the client with this address is" };
        var command = new ApiCommand("export", "Print a zone as it is served now, as a zone file for any server", json: false) { zone, view, from };
        command.Does(async (parsed, api, cancel) =>
        {
            Console.Write(await FetchAsync(api, parsed.GetValue(zone)!, parsed.GetValue(view), parsed.GetValue(from), cancel));
            return 0;
        });
        return command;
    }

    /// <summary>The zone file that the API makes of what is served.</summary>
    public static async Task<string> FetchAsync(AdminClient api, string zone, string? view, string? from, CancellationToken cancel)
    {
        var whose = view is not null ? $"?view={Uri.EscapeDataString(view)}" : from is not null ? $"?from={Uri.EscapeDataString(from)}" : "";
        using var answer = await api.SendAsync(new HttpRequestMessage(HttpMethod.Get, $"v1/zones/{Uri.EscapeDataString(zone)}/file{whose}"), cancel);
        return await answer.Content.ReadAsStringAsync(cancel);
    }
}
