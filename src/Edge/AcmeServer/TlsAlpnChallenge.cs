using System.Formats.Asn1;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Edge.Acme;

namespace Edge.AcmeServer;

/// <summary>tls-alpn-01 (RFC 8737 §3): a handshake with the client, in which its certificate holds the answer.</summary>
internal sealed class TlsAlpnChallenge(int port)
{
    private const string AcmeExtension = "1.3.6.1.5.5.7.1.31";
    private static readonly SslApplicationProtocol Protocol = new("acme-tls/1");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public async Task<ChallengeFailure?> TryAsync(string name, string authorization, IPAddress client, CancellationToken cancel)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(Patience);
        try
        {
            using var socket = new Socket(client.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(new IPEndPoint(client, port), deadline.Token);
            await using var tls = new SslStream(new NetworkStream(socket));
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = TlsChallenges.ServerName(AcmeIdentifier.Of(name)),
                    ApplicationProtocols = [Protocol],
                    RemoteCertificateValidationCallback = static (_, _, _, _) => true,
                },
                deadline.Token);
            return tls.NegotiatedApplicationProtocol != Protocol ? new ChallengeFailure("tls", $"{client}:{port} did not agree to acme-tls/1")
                : tls.RemoteCertificate is X509Certificate2 shown && Proves(shown, name, ChallengeDigest.Of(authorization)) ? null
                : new ChallengeFailure("unauthorized", $"the certificate that {client}:{port} showed for {name} is not the one of this challenge");
        }
        catch (AuthenticationException failed)
        {
            return new ChallengeFailure("tls", $"{client}:{port}: {failed.Message}");
        }
        catch (Exception failed) when (failed is SocketException or IOException)
        {
            return new ChallengeFailure("connection", $"{client}:{port}: {failed.Message}");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new ChallengeFailure("connection", $"{client}:{port} did not answer within {Patience.TotalSeconds:0} seconds");
        }
    }

    // RFC 8737 §3: exactly one name, and the digest in a critical extension; RFC 8738 §6: for an address exactly that.
    private static bool Proves(X509Certificate2 shown, string name, byte[] digest)
    {
        try
        {
            var held = shown.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(SubjectNames.Of).ToList();
            return held is [var only] && only.Equals(name, StringComparison.OrdinalIgnoreCase)
                && shown.Extensions.FirstOrDefault(extension => extension.Oid?.Value == AcmeExtension) is { Critical: true } acme
                && CryptographicOperations.FixedTimeEquals(new AsnReader(acme.RawData, AsnEncodingRules.DER).ReadOctetString(), digest);
        }
        catch (Exception malformed) when (malformed is AsnContentException or CryptographicException)
        {
            return false;
        }
    }
}
