using Edge.Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Edge.Tests.Certificates;

/// <summary>A CA at a given moment.</summary>
internal static class TestAuthority
{
    public static CertificateAuthority Open(string data, DateTimeOffset now) => CertificateAuthority.Open(data, "nas.example.com", new FakeTimeProvider(now), NullLogger.Instance);
}
