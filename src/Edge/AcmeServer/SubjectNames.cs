using System.Security.Cryptography.X509Certificates;

namespace Edge.AcmeServer;

/// <summary>What a certificate or a request is for, by its subject alternative names.</summary>
internal static class SubjectNames
{
    /// <summary>Names in lower case, and addresses as RFC 5952 writes them.</summary>
    public static IEnumerable<string> Of(X509SubjectAlternativeNameExtension extension) =>
        extension.EnumerateDnsNames().Select(name => name.ToLowerInvariant()).Concat(extension.EnumerateIPAddresses().Select(address => address.ToString()));
}
