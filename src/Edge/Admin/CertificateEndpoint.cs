using System.Text.Json;
using Edge.Acme;
using Edge.Admin.Reports;
using Edge.Certificates;
using Edge.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Edge.Admin;

/// <summary>Renews and revokes certificates, makes those of clients, and exchanges account keys over HTTP, for admins.</summary>
internal sealed class CertificateEndpoint(CertificateDesk desk, ClientCertificates clients)
{
    private const int UsualDays = 730;

    public void Map(IEndpointRouteBuilder endpoints, AdminGuard guard)
    {
        endpoints.MapPost("/v1/certificates/renew", guard.Protect(RenewAsync));
        endpoints.MapPost("/v1/certificates/revoke", guard.Protect(RevokeAsync));
        endpoints.MapPost("/v1/certificates/rollover", guard.Protect(RollOverAsync));
        endpoints.MapGet("/v1/certificates/clients", guard.Protect(ListClientsAsync));
        endpoints.MapPost("/v1/certificates/client", guard.Protect(MakeClientAsync));
        endpoints.MapPost("/v1/certificates/revoke-client", guard.Protect(RevokeClientAsync));
    }

    private Task RenewAsync(HttpContext context) => DoAsync(context, (order, _) => Task.FromResult(desk.Renew(order.Name ?? "")));

    private Task RevokeAsync(HttpContext context) => DoAsync(context, (order, cancel) => desk.RevokeAsync(order.Name ?? "", order.Reason ?? "unspecified", cancel));

    private Task RollOverAsync(HttpContext context) => DoAsync(context, (order, cancel) => desk.RollOverAsync(order.Name, cancel));

    private Task ListClientsAsync(HttpContext context) =>
        AdminJson.WriteAsync(context, [.. clients.All.Select(client => new ClientCertificateReport(client.Name, client.Serial, client.NotAfter, client.Revoked))], ReportJson.Default.ClientCertificateReportArray);

    private Task MakeClientAsync(HttpContext context) => AnswerAsync(context, (order, _) => AdminJson.WriteAsync(context, Report(clients.Issue(order.Name ?? "", order.Days ?? UsualDays)), ReportJson.Default.MadeClientReport));

    private Task RevokeClientAsync(HttpContext context) => DoAsync(context, (order, _) => Task.FromResult(clients.Revoke(order.Name ?? "")));

    private static MadeClientReport Report(MadeClient made) => new(made.Client.Name, made.Client.Serial, made.Client.NotAfter, made.Certificate, made.Key, made.Root);

    private static Task DoAsync(HttpContext context, Func<CertificateOrder, CancellationToken, Task<string>> work) =>
        AnswerAsync(context, async (order, cancel) => await AdminJson.WriteAsync(context, new CertificateAnswer(await work(order, cancel)), ReportJson.Default.CertificateAnswer));

    private static async Task AnswerAsync(HttpContext context, Func<CertificateOrder, CancellationToken, Task> work)
    {
        try
        {
            var order = await JsonSerializer.DeserializeAsync(context.Request.Body, ReportJson.Default.CertificateOrder, context.RequestAborted) ?? new CertificateOrder(null);
            await work(order, context.RequestAborted);
        }
        catch (JsonException wrong)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, $"the body does not say what to do: {wrong.Message}");
        }
        catch (IssuanceException refused)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status409Conflict, refused.Message);
        }
        catch (AcmeException refused)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status502BadGateway, $"the CA refused: {refused.Message}");
        }
        catch (HttpRequestException away)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status502BadGateway, $"the CA cannot be reached: {away.Message}");
        }
        catch (IOException full)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, full.Message);
        }
    }
}
