using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Edge.Acme;
using Edge.Certificates;
using Edge.Dns.Files;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Tests.Certificates;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class CertificateFilesTests : IDisposable
{
    private static readonly CertificateId Id = new("ca.test-dir", "*.nas.example.com");
    private static readonly ImmutableArray<string> Names = ["*.nas.example.com", "nas.example.com"];

    private readonly TemporaryFolder _folder = new();
    private readonly LogLines _log = new();

    [Fact]
    public void What_was_saved_is_there_after_a_restart_with_its_state()
    {
        var state = new RenewalState { Attempts = 3, Reason = "the CA said \"no\"", LastTry = DateTimeOffset.UnixEpoch, NextTry = DateTimeOffset.UnixEpoch.AddHours(1) };
        Save(state);
        var stored = Assert.Single(Files().Load());
        Assert.Equal(Id, stored.Id);
        Assert.Equal(Names, stored.Names);
        Assert.Equal(state, stored.State);
        Assert.Equal(Names, stored.Certificate!.Names);
        Assert.Empty(_log.Lines);
    }

    /// <summary>Whoever has a pair already may lay it there.</summary>
    [Theory]
    [InlineData("rsa")]
    [InlineData("rsa-traditional")]
    [InlineData("ec")]
    public void A_pair_of_the_owners_own_is_used_whatever_its_key_is(string kind)
    {
        Save(RenewalState.Fresh);
        var chain = Files().ChainPath(Id);
        using AsymmetricAlgorithm key = kind == "ec" ? ECDsa.Create(ECCurve.NamedCurves.nistP384) : RSA.Create(2048);
        var request = key is RSA rsa ? new CertificateRequest("CN=nas.example.com", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) : new CertificateRequest("CN=nas.example.com", (ECDsa)key, HashAlgorithmName.SHA256);
        using var own = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(9));
        File.WriteAllText(chain, own.ExportCertificatePem());
        File.WriteAllText(Path.ChangeExtension(chain, ".key"), kind == "rsa-traditional" ? ((RSA)key).ExportRSAPrivateKeyPem() : key.ExportPkcs8PrivateKeyPem());
        var stored = Assert.Single(Files().Load());
        Assert.Equal(own.Thumbprint, stored.Certificate?.Leaf.Thumbprint);
        Assert.True(stored.Certificate!.Leaf.HasPrivateKey);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public void Everything_is_for_the_owner_only()
    {
        Save(RenewalState.Fresh);
        var files = Directory.GetFiles(_folder.Path, "wildcard_*", SearchOption.AllDirectories);
        Assert.Equal(["wildcard_.nas.example.com.crt", "wildcard_.nas.example.com.json", "wildcard_.nas.example.com.key"], files.Select(Path.GetFileName).Order());
        Assert.All(files, file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
        Assert.All(Directory.GetDirectories(_folder.Path, "*", SearchOption.AllDirectories), folder => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder)));
    }

    [Theory]
    [InlineData(".crt", "")]
    [InlineData(".crt", "rubbish")]
    [InlineData(".key", "rubbish")]
    [InlineData(".key", null)]
    [InlineData(".json", "{")]
    public void A_broken_file_is_told_by_its_path_and_the_others_are_read(string ending, string? content)
    {
        Save(RenewalState.Fresh);
        var other = Save(RenewalState.Fresh, new CertificateId("internal", "photos.other.org"));
        var path = Path.ChangeExtension(Files().ChainPath(Id), ending);
        File.Delete(path);
        if (content is not null)
        {
            File.WriteAllText(path, content);
        }

        var stored = Files().Load();
        Assert.Equal(2, stored.Length);
        Assert.NotNull(stored.Single(one => one.Id == other).Certificate);
        Assert.Equal(ending != ".json", stored.Single(one => one.Id == Id).Certificate is null);
        Assert.Contains("wildcard_.nas.example.com" + (ending == ".json" ? ".json" : ""), Assert.Single(_log.Lines));
    }

    [Fact]
    public void A_key_of_another_certificate_is_not_used()
    {
        Save(RenewalState.Fresh);
        var other = Save(RenewalState.Fresh, new CertificateId("internal", "photos.other.org"));
        File.Copy(Path.ChangeExtension(Files().ChainPath(other), ".key"), Path.ChangeExtension(Files().ChainPath(Id), ".key"), overwrite: true);
        Assert.Null(Files().Load().Single(one => one.Id == Id).Certificate);
    }

    [Theory]
    [InlineData(true, true, false, "before the first rename: the old pair")]
    [InlineData(false, true, true, "between the two renames: the new pair")]
    [InlineData(true, false, false, "while the key was being written: the old pair")]
    public void A_crash_while_saving_leaves_a_pair_that_fits(bool keyStaged, bool chainStaged, bool newPair, string law)
    {
        Save(RenewalState.Fresh);
        using var authority = TestAuthority.Open(_folder.Path, DateTimeOffset.UtcNow);
        var issued = authority.Issue(Names);
        var chain = Files().ChainPath(Id);
        var key = Path.ChangeExtension(chain, ".key");
        if (keyStaged)
        {
            File.WriteAllText(DurableFile.StagePath(key), chainStaged ? issued.KeyPem : issued.KeyPem[..40]);
        }
        else
        {
            File.WriteAllText(key, issued.KeyPem);
        }

        if (chainStaged)
        {
            File.WriteAllText(DurableFile.StagePath(chain), issued.ChainPem);
        }

        var stored = Assert.Single(Files().Load());
        Assert.NotNull(stored.Certificate);
        Assert.True(newPair == (File.ReadAllText(chain) == issued.ChainPem), law);
        Assert.Empty(Directory.GetFiles(_folder.Path, "*.new", SearchOption.AllDirectories));
    }

    public void Dispose() => _folder.Dispose();

    private CertificateFiles Files() => new(_folder.Path, _log);

    private CertificateId Save(RenewalState state, CertificateId? id = null)
    {
        using var authority = TestAuthority.Open(_folder.Path, DateTimeOffset.UtcNow);
        ImmutableArray<string> names = id is null ? Names : [id.Name];
        Files().Save(new StoredCertificate(id ?? Id, names, null, state), authority.Issue(names));
        return id ?? Id;
    }
}
