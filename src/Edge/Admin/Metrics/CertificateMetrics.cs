using Edge.Certificates;
using Edge.Observability.Metrics;

namespace Edge.Admin.Metrics;

/// <summary>When certificates end, and which cannot be had.</summary>
internal static class CertificateMetrics
{
    public static void Write(IMetricSink to, IReadOnlyList<CertificateStatus> all, DateTimeOffset rootEnd)
    {
        to.Gauge("edge_ca_expiry_timestamp_seconds", "When the root of Edge's own CA ends, in seconds since 1970.");
        to.Sample(rootEnd.ToUnixTimeSeconds());
        to.Gauge("edge_certificate_expiry_timestamp_seconds", "When a certificate ends, in seconds since 1970.");
        foreach (var status in all)
        {
            if (status.NotAfter is { } end)
            {
                to.Sample(end.ToUnixTimeSeconds(), Labels(status));
            }
        }

        to.Gauge("edge_certificate_failing", "1 for a certificate that could not be obtained or renewed at the last attempt.");
        foreach (var status in all)
        {
            to.Sample(status.State == CertificateState.Failing ? 1 : 0, Labels(status));
        }

        to.Gauge("edge_certificate_attempts", "Failed attempts since the last one that succeeded.");
        foreach (var status in all)
        {
            to.Sample(status.Attempts, Labels(status));
        }
    }

    private static (string, string)[] Labels(CertificateStatus status) => [("name", status.Names[0]), ("issuer", status.Issuer)];
}
