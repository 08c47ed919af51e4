using System.CommandLine;
using System.Text.Json;
using Edge.Admin.Reports;

namespace Edge.Admin.Commands;

/// <summary><c>edge services adopt</c>: has a service served that was found.</summary>
internal static class AdoptCommand
{
    public static Command Build()
    {
        var found = new Argument<string>("name") { Description = "Its name in \"edge services found\", or what the device calls it" };
        var other = new Option<string?>("--as") { Description = "Another name for it here" };
        var everywhere = new Option<bool>("--everywhere") { Description = "Serve it to everybody (default: to the LAN)" };
        var command = new ApiCommand("adopt", "Serve a service that was found: a file that declares it is put among the others") { found, other, everywhere };
        command.Does(async (parsed, api, cancel) =>
        {
            var wanted = new Adoption(parsed.GetValue(found), parsed.GetValue(other), parsed.GetValue(everywhere));
            var adopted = await api.PostAsync("v1/found", wanted, ReportJson.Default.Adoption, ReportJson.Default.AdoptedReport, cancel);
            if (command.WantsJson(parsed))
            {
                Console.WriteLine(JsonSerializer.Serialize(adopted, ReportJson.Default.AdoptedReport));
                return 0;
            }

            Console.WriteLine($"{adopted.Name} is declared in {adopted.File}:");
            Console.Write(adopted.Text);
            return 0;
        });
        return command;
    }
}
