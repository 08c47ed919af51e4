using System.Net;

namespace Edge;

/// <summary>Tells which differences between two settings a running Edge cannot take over.</summary>
internal static class RestartRequired
{
    public static IReadOnlyList<string> Between(EdgeOptions running, EdgeOptions wanted)
    {
        (string Key, string Running, string Wanted)[] fixedKeys =
        [
            ("domain", running.Domain, wanted.Domain),
            ("node", running.Node, wanted.Node),
            ("data", running.PathOf(running.Data), wanted.PathOf(wanted.Data)),
            ("zones", running.PathOf(running.Zones), wanted.PathOf(wanted.Zones)),
            ("routes", running.PathOf(running.Routes), wanted.PathOf(wanted.Routes)),
            ("views", Names(running), Names(wanted)),
            ("dns.listen", Text(running.Dns.Listen), Text(wanted.Dns.Listen)),
            .. running.Dns.Transports.Keys.Zip(wanted.Dns.Transports.Keys, (now, then) => (now.Key, now.Text, then.Text)),
            ("dns.service-ttl", running.Dns.ServiceTtl.ToString(), wanted.Dns.ServiceTtl.ToString()),
            ("gateway.http", Text(running.Gateway.Http), Text(wanted.Gateway.Http)),
            ("gateway.https", Text(running.Gateway.Https), Text(wanted.Gateway.Https)),
            ("gateway.https-port", $"{running.Gateway.HttpsPort}", $"{wanted.Gateway.HttpsPort}"),
            ("gateway.proxy-protocol", string.Join(' ', running.Gateway.ProxyProtocol), string.Join(' ', wanted.Gateway.ProxyProtocol)),
            ("gateway.error-page", $"{running.Gateway.ErrorPage}", $"{wanted.Gateway.ErrorPage}"),
            ("gateway.hsts", $"{running.Gateway.Hsts}", $"{wanted.Gateway.Hsts}"),
            ("gateway.trusted-proxies", string.Join(' ', running.Gateway.TrustedProxies), string.Join(' ', wanted.Gateway.TrustedProxies)),
            ("gateway.transport", $"{running.Gateway.Transport}", $"{wanted.Gateway.Transport}"),
            ("admin.listen", Text(running.Admin.Listen), Text(wanted.Admin.Listen)),
            ("metrics.listen", Text(running.Metrics.Listen), Text(wanted.Metrics.Listen)),
            ("metrics.token", $"{running.Metrics.Token}", $"{wanted.Metrics.Token}"),
            ("acme-dns", running.AcmeDns.Text, wanted.AcmeDns.Text),
            ("acme-server", running.AcmeServer.Text, wanted.AcmeServer.Text),
            ("opentelemetry", running.OpenTelemetry.Text, wanted.OpenTelemetry.Text),
            ("certificates", running.Certificates.ToString(), wanted.Certificates.ToString()),
        ];
        return [.. fixedKeys.Where(pair => pair.Running != pair.Wanted).Select(pair => pair.Key)];
    }

    /// <summary>Zones are built for each view, so the views' names stay as they were at the start.</summary>
    public static bool SameViews(EdgeOptions running, EdgeOptions wanted) => Names(running) == Names(wanted);

    private static string Names(EdgeOptions options) => string.Join(' ', options.Views.Select(view => view.Name));

    private static string Text(IEnumerable<IPEndPoint> endPoints) => string.Join(' ', endPoints);
}
