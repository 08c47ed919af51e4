using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Edge.Connections.Tls;

/// <summary>What Kestrel and requests want to know of a connection's TLS.</summary>
/// <param name="version">As in the protocol: 0x0304 is TLS 1.3.</param>
/// <param name="cipher">The suite's number.</param>
/// <param name="protocol">What was chosen by ALPN; empty for nothing.</param>
/// <param name="serverName">The name in the ClientHello; "" for none.</param>
internal sealed class AgreedTls(int version, ushort cipher, ReadOnlyMemory<byte> protocol, string serverName) : ITlsConnectionFeature, ITlsHandshakeFeature, ITlsApplicationProtocolFeature
{
    /// <summary>None: whom we ask for one is served by the framework.</summary>
    public X509Certificate2? ClientCertificate { get; set; }

    public ReadOnlyMemory<byte> ApplicationProtocol => protocol;

    public SslProtocols Protocol => version == LibSsl.Tls13 ? SslProtocols.Tls13 : SslProtocols.Tls12;

    public TlsCipherSuite? NegotiatedCipherSuite => (TlsCipherSuite)cipher;

    public string HostName => serverName;

#pragma warning disable SYSLIB0058 // The interface has them; who asks for the cipher takes NegotiatedCipherSuite.
    public CipherAlgorithmType CipherAlgorithm => CipherAlgorithmType.None;

    public int CipherStrength => 0;

    public HashAlgorithmType HashAlgorithm => HashAlgorithmType.None;

    public int HashStrength => 0;

    public ExchangeAlgorithmType KeyExchangeAlgorithm => ExchangeAlgorithmType.None;

    public int KeyExchangeStrength => 0;
#pragma warning restore SYSLIB0058

    public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);
}
