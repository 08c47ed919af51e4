using System.CommandLine;
using System.Text.Json;
using Edge.Admin.Reports;
using Edge.Services;

namespace Edge.Admin.Commands;

/// <summary><c>edge services</c>: what is declared, by whom, and how it is served; with a name, everything about it.</summary>
internal static class ServicesCommand
{
    public static Command Build()
    {
        var name = new Argument<string?>("name") { Description = "A service: tells all about it", Arity = ArgumentArity.ZeroOrOne };
        var command = new ApiCommand("services", "List the services: hosts, destinations, state, who declared them, lease") { name };
        command.Does(async (parsed, api, cancel) =>
        {
            var report = await api.GetAsync("v1/services?all=true", ReportJson.Default.ServicesReport, cancel);
            var wanted = parsed.GetValue(name);
            var services = report.Services.Where(service => wanted is null || service.Name.Equals(wanted, StringComparison.OrdinalIgnoreCase)).ToList();
            if (wanted is not null && services.Count == 0)
            {
                throw new CommandFailedException($"nothing declares a service \"{wanted}\"; edge services lists what there is");
            }

            if (command.WantsJson(parsed))
            {
                Console.WriteLine(JsonSerializer.Serialize(report with { Services = [.. services] }, ReportJson.Default.ServicesReport));
            }
            else if (wanted is null)
            {
                WriteAll(Console.Out, report);
            }
            else
            {
                services.ForEach(service => Write(Console.Out, service));
            }

            return 0;
        });
        command.Subcommands.Add(FoundCommand.Build());
        command.Subcommands.Add(AdoptCommand.Build());
        return command;
    }

    private static void WriteAll(TextWriter to, ServicesReport report)
    {
        TextTable.Write(to, ["NAME", "HOSTS", "TO", "EXPOSE", "STATE", "FROM", "LEASE"],
        [
            .. report.Services.Select(service => (IReadOnlyList<string>)
            [
                service.Name,
                string.Join(", ", service.Hosts),
                service.To.IsEmpty ? "-" : string.Join(", ", service.To),
                service.Expose,
                service.State,
                service.Where,
                service.LeaseSeconds is { } seconds ? $"{seconds}s" : "-",
            ]),
        ]);
        foreach (var line in report.Conflicts.Concat(report.Problems))
        {
            to.WriteLine(line);
        }
    }

    private static void Write(TextWriter to, ServiceReport service)
    {
        to.WriteLine($"{service.Name} ({service.Where})");
        Line(to, "source", service.Source);
        Line(to, "state", service.State);
        Line(to, "expose", service.Expose);
        Line(to, "lease", service.LeaseSeconds is { } seconds ? $"{seconds}s" : "none: it stays as long as it is declared");
        foreach (var host in service.Hosts)
        {
            Line(to, "host", host);
            foreach (var name in service.Names.Where(name => name.Host == host))
            {
                to.WriteLine($"    {name.View}: {Answer(name)}");
            }

            foreach (var certificate in service.Certificates.Where(certificate => certificate.Host == host))
            {
                to.WriteLine($"    certificate by {certificate.Issuer}{(certificate.NotAfter is { } end ? $" until {end.UtcDateTime:yyyy-MM-dd HH:mm'Z'}" : "")}, {certificate.State}");
            }
        }

        Line(to, "route", service.Route ?? "none");
        foreach (var destination in service.To)
        {
            Line(to, "destination", $"{destination} {service.Destinations.FirstOrDefault(known => IsSame(known.Address, destination))?.Health ?? ""}".TrimEnd());
        }

        if (service.Remark is { } remark)
        {
            to.WriteLine($"    {remark}");
        }

        foreach (var note in service.Notes)
        {
            Line(to, "note", note);
        }
    }

    private static string Answer(ServiceStatus.ViewName name) =>
        name.Alias is { } alias ? $"an alias of {alias}" : name.Addresses.IsEmpty ? "no address" : string.Join(", ", name.Addresses);

    private static bool IsSame(string one, string other) => one.TrimEnd('/') == other.TrimEnd('/');

    private static void Line(TextWriter to, string what, string said) => to.WriteLine($"  {what,-12} {said}");
}
