using System.CommandLine;
using System.Text.Json;
using Edge.Admin.Reports;

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
        return command;
    }
}
