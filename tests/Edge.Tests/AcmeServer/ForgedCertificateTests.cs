using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Edge.Acme;

namespace Edge.Tests.AcmeServer;

/// <summary>RFC 8555 §7.6: only who has a certificate, or its key, takes it back.</summary>
public sealed class ForgedCertificateTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_certificate_that_somebody_made_himself_takes_none_of_ours_back(bool byAnAccount)
    {
        await using var server = await RunningAcmeServer.StartAsync();
        var victim = DeviceKey.Create(server.Folder, "P-256");
        using var leaf = X509Certificate2.CreateFromPem(await server.ObtainAsync(victim, await server.RegisterAsync(victim), "tv.local"));
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var key = AccountKey.FromPem(own.ExportPkcs8PrivateKeyPem());
        var account = byAnAccount ? (await SignedAsync(server, key, null, "new-account", "{}")).Location : null;
        var refused = await SignedAsync(server, key, account, "revoke-cert", $$"""{"certificate":"{{Base64Url.EncodeToString(Forged(leaf, own))}}"}""");
        Assert.Equal(HttpStatusCode.NotFound, refused.Status);

        // Its own account may still take it back: nobody did.
        var revoked = await server.SignedAsync(victim, await server.RegisterAsync(victim), "revoke-cert", $$"""{"certificate":"{{Base64Url.EncodeToString(leaf.RawData)}}"}""");
        Assert.Equal(HttpStatusCode.OK, revoked.Status);
    }

    // The serial number and the issuer's key identifier stand in every handshake.
    private static byte[] Forged(X509Certificate2 leaf, ECDsa key)
    {
        var request = new CertificateRequest(leaf.SubjectName, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(leaf.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().Single());
        using var forged = request.Create(leaf.IssuerName, X509SignatureGenerator.CreateForECDsa(key), DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1), leaf.SerialNumberBytes.Span);
        return forged.RawData;
    }

    private static async Task<ServerAnswer> SignedAsync(RunningAcmeServer server, AccountKey key, Uri? account, string path, string payload) =>
        await server.PostAsync(server.Url(path), JsonWebSignature.Sign(key, account, await server.NonceAsync(), server.Url(path), Encoding.UTF8.GetBytes(payload)));
}
