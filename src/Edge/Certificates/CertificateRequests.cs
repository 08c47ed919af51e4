using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Edge.Certificates;

/// <summary>Certificate requests with names in the SAN only: a common name is limited to 64 characters and read by nobody (RFC 9525 §6.3).</summary>
internal static class CertificateRequests
{
    /// <param name="key">The certificate's own key, never an account's.</param>
    /// <param name="names">DNS names and addresses.</param>
    /// <param name="critical">True in a certificate without a subject (RFC 5280 §4.2.1.6).</param>
    public static CertificateRequest ForServer(ECDsa key, IEnumerable<string> names, bool critical)
    {
        var alternative = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
            {
                alternative.AddIpAddress(address);
            }
            else
            {
                alternative.AddDnsName(name);
            }
        }

        var request = new CertificateRequest(new X500DistinguishedName(""), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(alternative.Build(critical));
        return request;
    }
}
