using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Edge.Acme;
using Xunit;

namespace Edge.Tests.Certificates;

/// <summary>RFC 8446 section 4.4.2: each certificate certifies the one before it, and the root is not sent.</summary>
public sealed class CertificateContextTests
{
    [Theory]
    [InlineData("inner,outer")]
    [InlineData("outer,inner")]
    [InlineData("root,outer,inner")]
    [InlineData("inner,stranger,outer,root")]
    public void The_chain_is_sent_in_order_and_without_its_root(string file)
    {
        using var root = Make("root", null);
        using var outer = Make("outer", root);
        using var inner = Make("inner", outer);
        using var leaf = Make("leaf", inner);
        using var stranger = Make("stranger", outer);
        var all = new Dictionary<string, X509Certificate2> { ["root"] = root, ["outer"] = outer, ["inner"] = inner, ["stranger"] = stranger };

        var context = CertificateContext.Of(leaf, [.. file.Split(',').Select(name => all[name])]);

        Assert.Equal(leaf.Thumbprint, context.TargetCertificate.Thumbprint);
        Assert.Equal([inner.Thumbprint, outer.Thumbprint], context.IntermediateCertificates.Select(certificate => certificate.Thumbprint));
    }

    private static X509Certificate2 Make(string name, X509Certificate2? issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        var (from, until) = (DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(90));
        return issuer is null ? request.CreateSelfSigned(from, until) : request.Create(issuer, from, until, RandomNumberGenerator.GetBytes(8)).CopyWithPrivateKey(key);
    }
}
