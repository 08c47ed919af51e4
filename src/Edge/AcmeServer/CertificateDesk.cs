using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Edge.Acme;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Edge.AcmeServer;

/// <summary>Certificates: made (RFC 8555 §7.4), given out (§7.4.2), revoked (§7.6), and said when to renew (RFC 9773).</summary>
internal sealed partial class CertificateDesk(AcmeServerSetup setup, AcmeServerStore store, OrderDesk orders)
{
    private const int LeastRsaBits = 2048;
    private static readonly TimeSpan RenewalCheck = TimeSpan.FromHours(6);
    private static readonly string[] Curves = ["1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35"];

    public async Task<ServerReply> FinalizeAsync(SignedRequest request, string id, ServerUrls urls, CancellationToken cancel)
    {
        var (order, refusal) = await orders.FindAsync(request, id, cancel);
        if (order is null)
        {
            return refusal!;
        }

        if (order.Status(setup.Time.GetUtcNow()) is var status && status != "ready")
        {
            return ServerReply.Problem(StatusCodes.Status403Forbidden, "orderNotReady", $"the order is {status}");
        }

        if (Read(request, order, out var wrong) is not { } key)
        {
            return ServerReply.Problem(StatusCodes.Status400BadRequest, "badCSR", wrong);
        }

        var isForAddress = order.Authorizations.Any(authorization => authorization.IsAddress);
        string pem;
        try
        {
            pem = setup.Authority.Issue(key, order.Names, isForAddress && setup.Options.Life > AddressRules.LongestLife ? AddressRules.LongestLife : setup.Options.Life);
        }
        catch (IssuanceException ended)
        {
            return ServerReply.Problem(StatusCodes.Status500InternalServerError, "serverInternal", ended.Message);
        }

        using var leaf = X509Certificate2.CreateFromPem(pem);
        var certificate = new ServerCertificate
        {
            Serial = leaf.SerialNumber,
            Account = order.Account,
            Names = order.Names,
            Pem = pem + setup.Authority.RootPem,
            NotBefore = leaf.NotBefore.ToUniversalTime(),
            NotAfter = leaf.NotAfter.ToUniversalTime(),
        };
        await store.PutAsync(certificate, cancel);
        // Of two that finalise at once, one is first: both get its certificate.
        order = await store.ChangeAsync(id, one => one.Certificate is null ? one with { Certificate = certificate.Serial } : one, cancel) ?? order;
        Log.Issued(setup.Log, string.Join(", ", order.Names), order.Client, certificate.NotAfter);
        return orders.Show(order, urls, StatusCodes.Status200OK);
    }

    public async Task<ServerReply> DownloadAsync(SignedRequest request, string serial, CancellationToken cancel) =>
        await store.CertificateAsync(serial, cancel) is { } certificate && certificate.Account == request.Account?.Id
            ? new ServerReply(StatusCodes.Status200OK, Encoding.ASCII.GetBytes(certificate.Pem), "application/pem-certificate-chain")
            : ServerReply.NotFound("certificate of this account");

    /// <summary>By the account that got it, or by the certificate's own key (RFC 8555 §7.6).</summary>
    public async Task<ServerReply> RevokeAsync(SignedRequest request, CancellationToken cancel)
    {
        if (SignedRequestReader.Bytes(Json.Text(request.Payload, "certificate")) is not { } der || SerialOf(der) is not { } serial)
        {
            return ServerReply.Malformed("the payload must hold a certificate");
        }

        if (await store.CertificateAsync(serial, cancel) is not { } certificate)
        {
            return ServerReply.NotFound("certificate of this server");
        }

        // Whoever signs a certificate himself writes any serial and any issuer into it: the one that was made here counts, and its key.
        using var made = X509Certificate2.CreateFromPem(certificate.Pem);
        if (!made.RawDataMemory.Span.SequenceEqual(der))
        {
            return ServerReply.NotFound("certificate of this server");
        }

        if (request.Account?.Id != certificate.Account && KeyOf(made.PublicKey)?.Thumbprint != request.Key.Thumbprint)
        {
            return ServerReply.Unauthorized("neither the account that has it nor its own key has signed this");
        }

        if (certificate.Revoked is not null)
        {
            return ServerReply.Problem(StatusCodes.Status400BadRequest, "alreadyRevoked", "it was revoked before");
        }

        await store.ChangeCertificateAsync(certificate.Serial, one => one with { Revoked = setup.Time.GetUtcNow() }, cancel);
        Log.Revoked(setup.Log, string.Join(", ", certificate.Names), certificate.Serial);
        return new ServerReply(StatusCodes.Status200OK, []);
    }

    /// <summary>RFC 9773 §4: in the last third of its life, and at once when it was revoked.</summary>
    public async Task<ServerReply> RenewalInfoAsync(string id, CancellationToken cancel)
    {
        if (setup.Authority.SerialOf(id) is not { } serial || await store.CertificateAsync(serial, cancel) is not { } certificate)
        {
            return ServerReply.NotFound("certificate of this server");
        }

        var life = certificate.NotAfter - certificate.NotBefore;
        var (start, end) = certificate.Revoked is { } revoked ? (revoked - TimeSpan.FromHours(1), revoked) : (certificate.NotAfter - (life / 3), certificate.NotAfter - (life / 4));
        return ServerReply.Of(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject("suggestedWindow");
            json.WriteString("start", start.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
            json.WriteString("end", end.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
            json.WriteEndObject();
        }) with { RetryAfter = (int)(life / 8 < RenewalCheck ? life / 8 : RenewalCheck).TotalSeconds };
    }

    // The names of the request must be those of the order, no more and no less (RFC 8555 §7.4).
    private static PublicKey? Read(SignedRequest request, ServerOrder order, out string wrong)
    {
        wrong = "the payload must hold csr, a PKCS #10 request in base64url whose signature is right";
        if (SignedRequestReader.Bytes(Json.Text(request.Payload, "csr")) is not { } der)
        {
            return null;
        }

        CertificateRequest csr;
        HashSet<string> names;
        try
        {
            csr = CertificateRequest.LoadSigningRequest(der, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions, RSASignaturePadding.Pkcs1);
            names = [.. csr.CertificateExtensions.Where(extension => extension.Oid?.Value == "2.5.29.17").SelectMany(extension => SubjectNames.Of(new X509SubjectAlternativeNameExtension(extension.RawData)))];
        }
        catch (Exception broken) when (broken is CryptographicException or ArgumentException)
        {
            return null;
        }

        var common = csr.SubjectName.EnumerateRelativeDistinguishedNames().Where(part => !part.HasMultipleElements && part.GetSingleElementType().Value == "2.5.4.3").Select(part => part.GetSingleElementValue()?.ToLowerInvariant());
        names.UnionWith(common.OfType<string>());
        if (!names.SetEquals(order.Names))
        {
            wrong = $"the request is for {string.Join(", ", names)}, the order for {string.Join(", ", order.Names)}";
            return null;
        }

        if (!IsStrong(csr.PublicKey) || KeyOf(csr.PublicKey)?.Thumbprint == request.Key.Thumbprint)
        {
            wrong = "the key must be RSA of 2048 bits or more, or EC on P-256, P-384 or P-521, and not the account's";
            return null;
        }

        return csr.PublicKey;
    }

    private static bool IsStrong(PublicKey key)
    {
        using var rsa = key.GetRSAPublicKey();
        using var elliptic = key.GetECDsaPublicKey();
        return rsa?.KeySize >= LeastRsaBits || (elliptic is not null && Curves.Contains(elliptic.ExportParameters(false).Curve.Oid.Value));
    }

    private static string? SerialOf(byte[] der)
    {
        try
        {
            using var shown = X509CertificateLoader.LoadCertificate(der);
            return shown.SerialNumber;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static PublicJwk? KeyOf(PublicKey key)
    {
        using var rsa = key.GetRSAPublicKey();
        using var elliptic = key.GetECDsaPublicKey();
        var (numbers, point) = (rsa?.ExportParameters(false), elliptic?.ExportParameters(false));
        return PublicJwk.Read(numbers is { } n ? JsonWebKey.Canonical(("e", Base64Url.EncodeToString(n.Exponent)), ("kty", "RSA"), ("n", Base64Url.EncodeToString(n.Modulus)))
            : point is { } p ? JsonWebKey.Canonical(("crv", p.Q.X!.Length == 48 ? "P-384" : "P-256"), ("kty", "EC"), ("x", Base64Url.EncodeToString(p.Q.X)), ("y", Base64Url.EncodeToString(p.Q.Y)))
            : "{}");
    }

    private static partial class Log
    {
        [LoggerMessage(4310, LogLevel.Information, "Certificate for {Names} made for {Client}, valid to {NotAfter:u}")]
        public static partial void Issued(ILogger log, string names, string client, DateTimeOffset notAfter);

        [LoggerMessage(4311, LogLevel.Information, "Certificate for {Names} was revoked (serial {Serial})")]
        public static partial void Revoked(ILogger log, string names, string serial);
    }
}
