using System.CommandLine;
using System.Text.Json;
using Edge.Admin.Reports;
using Edge.Certificates;

namespace Edge.Admin.Commands;

/// <summary><c>edge certs</c>: what is presented, until when, and what fails.</summary>
internal static class CertsCommand
{
    public static Command Build()
    {
        var command = new ApiCommand("certs", "List the certificates and how their renewal stands");
        command.Does(async (parsed, api, cancel) =>
        {
            var certificates = await api.GetAsync("v1/certificates", ReportJson.Default.CertificateReportArray, cancel);
            if (command.WantsJson(parsed))
            {
                Console.WriteLine(JsonSerializer.Serialize(certificates, ReportJson.Default.CertificateReportArray));
                return 0;
            }

            TextTable.Write(Console.Out, ["NAMES", "ISSUER", "UNTIL", "STATE"],
            [
                .. certificates.Select(certificate => (IReadOnlyList<string>)
                [
                    string.Join(", ", certificate.Names),
                    certificate.Issuer,
                    certificate.NotAfter?.ToString("yyyy-MM-dd HH:mm'Z'") ?? "-",
                    certificate.Detail is null ? certificate.State : $"{certificate.State}: {certificate.Detail}",
                ]),
            ]);
            return 0;
        });
        command.Add(Renew());
        command.Add(Revoke());
        command.Add(RollOver());
        command.Add(Client());
        command.Add(Clients());
        command.Add(RevokeClient());
        return command;
    }

    private static ApiCommand Renew()
    {
        var name = Name();
        var command = new ApiCommand("renew", "Order a new certificate now, whatever the waits and the guard against too many say") { name };
        command.Does((parsed, api, cancel) => OrderAsync(command, parsed, api, "renew", new CertificateOrder(parsed.GetValue(name)), cancel));
        return command;
    }

    private static ApiCommand Revoke()
    {
        var name = Name();
        var reason = new Option<string>("--reason") { Description = $"Why: {string.Join(", ", CertificateDesk.Reasons.Select(known => known.Word))}", DefaultValueFactory = _ => "unspecified" };
        var command = new ApiCommand("revoke", "Take a certificate back at its CA, set its key aside, and order one with another key") { name, reason };
        command.Does((parsed, api, cancel) => OrderAsync(command, parsed, api, "revoke", new CertificateOrder(parsed.GetValue(name), parsed.GetValue(reason)), cancel));
        return command;
    }

    private static ApiCommand RollOver()
    {
        var ca = new Option<string?>("--ca") { Description = "The CA as \"edge certs\" names it (default: all)" };
        var command = new ApiCommand("rollover", "Exchange the key of the ACME account for a new one") { ca };
        command.Does((parsed, api, cancel) => OrderAsync(command, parsed, api, "rollover", new CertificateOrder(parsed.GetValue(ca)), cancel));
        return command;
    }

    private static ApiCommand Client()
    {
        var name = new Argument<string>("name") { Description = "Who will show it, such as anna-phone" };
        var output = new SecretOutput();
        var days = new Option<int?>("--days") { Description = "How long it lives (default: 730)" };
        var command = new ApiCommand("client", "Make a certificate with its key, in PEM, for a client of services with client-cert: edge") { name, days, output.Option };
        command.Does((parsed, api, cancel) => output.WriteAsync(parsed, async () =>
        {
            var made = await api.PostAsync("v1/certificates/client", new CertificateOrder(parsed.GetValue(name), Days: parsed.GetValue(days)), ReportJson.Default.CertificateOrder, ReportJson.Default.MadeClientReport, cancel);
            return command.WantsJson(parsed) ? JsonSerializer.Serialize(made, ReportJson.Default.MadeClientReport) : made.Certificate + made.Key + made.Root;
        }));
        return command;
    }

    private static ApiCommand Clients()
    {
        var command = new ApiCommand("clients", "List the certificates that were made for clients");
        command.Does(async (parsed, api, cancel) =>
        {
            var clients = await api.GetAsync("v1/certificates/clients", ReportJson.Default.ClientCertificateReportArray, cancel);
            if (command.WantsJson(parsed))
            {
                Console.WriteLine(JsonSerializer.Serialize(clients, ReportJson.Default.ClientCertificateReportArray));
                return 0;
            }

            TextTable.Write(Console.Out, ["NAME", "SERIAL", "UNTIL", "REVOKED"],
                [.. clients.Select(client => (IReadOnlyList<string>)[client.Name, client.Serial, client.NotAfter.ToString("yyyy-MM-dd HH:mm'Z'"), client.Revoked?.ToString("yyyy-MM-dd HH:mm'Z'") ?? "-"])]);
            return 0;
        });
        return command;
    }

    private static ApiCommand RevokeClient()
    {
        var name = new Argument<string>("name") { Description = "The name it was made for, or its serial number" };
        var command = new ApiCommand("revoke-client", "Take the certificates of a client back: they open nothing from now on") { name };
        command.Does((parsed, api, cancel) => OrderAsync(command, parsed, api, "revoke-client", new CertificateOrder(parsed.GetValue(name)), cancel));
        return command;
    }

    private static Argument<string> Name() => new("name") { Description = "A name of the certificate, such as nas.example.com or \"*.nas.example.com\"" };

    private static async Task<int> OrderAsync(ApiCommand command, ParseResult parsed, AdminClient api, string what, CertificateOrder order, CancellationToken cancel)
    {
        Console.WriteLine(await AnswerAsync(command, parsed, api, what, order, cancel));
        return 0;
    }

    private static async Task<string> AnswerAsync(ApiCommand command, ParseResult parsed, AdminClient api, string what, CertificateOrder order, CancellationToken cancel)
    {
        var answer = await api.PostAsync($"v1/certificates/{what}", order, ReportJson.Default.CertificateOrder, ReportJson.Default.CertificateAnswer, cancel);
        return command.WantsJson(parsed) ? JsonSerializer.Serialize(answer, ReportJson.Default.CertificateAnswer) : answer.Done;
    }
}
