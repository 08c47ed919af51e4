using System.CommandLine;
using System.Text.Json;
using Edge.Admin.Reports;

namespace Edge.Admin.Commands;

/// <summary><c>edge zone sign ZONE</c>: makes the key when there is none, and says what to do with the DS.</summary>
internal static class ZoneSignCommand
{
    public static Command Build()
    {
        var zone = new Argument<string>("zone") { Description = "The zone, such as example.com" };
        var command = new ApiCommand("sign", "Make the key of a zone if it has none, and print the DS for its parent") { zone };
        command.Does(async (parsed, api, cancel) =>
        {
            var name = parsed.GetValue(zone)!.TrimEnd('.');
            var report = await api.PostAsync($"v1/zones/{Uri.EscapeDataString(name)}/sign", new RolloverRequest(null, false, false), ReportJson.Default.RolloverRequest, ReportJson.Default.ZoneKeysReport, cancel);
            if (!report.Served)
            {
                throw new CommandFailedException($"{report.Zone} is no zone of this Edge; \"edge zones\" lists them");
            }

            if (command.WantsJson(parsed))
            {
                Console.WriteLine(JsonSerializer.Serialize(report, ReportJson.Default.ZoneKeysReport));
                return report.Signed ? 0 : 1;
            }

            Write(Console.Out, report, name);
            return report.Signed ? 0 : 1;
        });
        return command;
    }

    private static void Write(TextWriter to, ZoneKeysReport report, string name)
    {
        to.WriteLine($"The key of {report.Zone} lies in {report.Folder}. Keep a copy of that folder: whoever loses it has to take the DS back first.");
        to.WriteLine();
        if (!report.Signed)
        {
            to.WriteLine($"""
                {report.Zone} is not signed yet. Put this into edge.yaml, which is taken over at once, and run this command again:

                dns:
                  zones:
                    {name}:
                      sign: true
                """);
            return;
        }

        to.WriteLine($"{report.Zone} is signed in every view. Give this to its registrar, or to whoever holds the zone above it:");
        to.WriteLine();
        foreach (var key in report.Keys.Where(key => key.Announced))
        {
            var fields = key.Ds!.Split(' ');
            to.WriteLine($"  {key.Ds}");
            to.WriteLine($"     as fields: key tag {fields[3]}, algorithm {fields[4]}, digest type {fields[5]}, digest {string.Concat(fields[6..])}");
            to.WriteLine($"  or where it asks for the key itself:");
            to.WriteLine($"  {key.Dnskey}");
        }

        to.WriteLine($"""

            Before that, every name server of {report.Zone} has to serve the signatures: dig +dnssec SOA {name} @SERVER
            After that:  delv {name} SOA     must say "fully validated".
            A parent that reads CDS records (RFC 8078) finds the same there and needs nothing from you.
            """);
        if (report.Rollover is not null)
        {
            to.WriteLine(report.Rollover);
        }
    }
}
