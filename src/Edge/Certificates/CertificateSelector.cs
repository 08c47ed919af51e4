namespace Edge.Certificates;

/// <summary>Answers the handshake's question from the set of the moment: no lock, no disk, no network, no wait.</summary>
internal sealed class CertificateSelector
{
    private volatile CertificateSet _current = CertificateSet.Empty;

    public CertificateSet Current => _current;

    /// <summary>
    /// The certificate for a handshake. A host that none covers gets the default one: its browser warns, and who goes
    /// on sees the gateway's page that says what is wrong. Null only before the first set is published.
    /// </summary>
    /// <param name="sni">The host in the ClientHello, null or "" when there is none.</param>
    public ServedCertificate? Select(string? sni)
    {
        var set = _current;
        return string.IsNullOrEmpty(sni) ? set.Default : set.Find(sni) ?? set.Default;
    }

    /// <summary>The next handshake sees this set. Called by the certificate manager only.</summary>
    public void Publish(CertificateSet set) => _current = set;
}
