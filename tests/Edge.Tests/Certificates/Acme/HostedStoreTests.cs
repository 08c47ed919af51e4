using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Edge.Acme;
using Edge.Acme.Hosting;
using Xunit;

namespace Edge.Tests.Certificates.Acme;

/// <summary>A good certificate is shown, wherever it lies and whoever gave it, until there is a better one.</summary>
public sealed class HostedStoreTests
{
    private const string Host = "app.example.com";
    private const string Place = "certificates/app.example.com";
    private static readonly Uri Wanted = new("https://ca.example/dir");
    private static readonly Uri Before = new("https://before.example/dir");

    private readonly Microsoft.Extensions.Time.Testing.FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 28, 12, 0, 0, TimeSpan.Zero));
    private readonly LogLines _log = new();
    private readonly MemoryFiles _files = new();

    [Theory]
    [InlineData("before.example-dir/", "CN=Before", true)]
    [InlineData("", "CN=Before", true)]
    [InlineData("acme-staging-v02.api.letsencrypt.org-directory/", "CN=Before", false)]
    [InlineData("dv.acme-v02.test-api.pki.goog-directory/", "CN=Before", false)]
    [InlineData("", "CN=(STAGING) Pretend Pear X1", false)]
    public void What_the_CA_before_gave_is_shown_unless_that_was_for_tests_and_the_new_one_is_asked_at_once(string folder, string issuer, bool isShown)
    {
        _files.Write("account.json", $$"""{"url":"https://before.example/acct/1","directory":"{{Before}}"}""");
        var pem = Pem(60, issuer);
        _files.Write($"{folder}{Place}.pem", pem);
        var certificate = Open();
        Assert.Equal(isShown, certificate.Context is not null);
        Assert.Equal((null, DateTimeOffset.MinValue), (certificate.Held, certificate.DueAt(_time.GetUtcNow())));
        Assert.Equal(pem, _files.Read($"{folder}{Place}.pem"));
    }

    [Theory]
    [InlineData(-1, 60, "other")]
    [InlineData(10, 60, "own")]
    [InlineData(-1, -5, "own")]
    public void The_own_one_is_shown_as_long_as_it_is_good(int own, int other, string shown)
    {
        _files.Write($"ca.example-dir/{Place}.pem", Pem(own, "CN=own"));
        _files.Write($"before.example-dir/{Place}.pem", Pem(other, "CN=other"));
        Assert.Equal($"CN={shown}", Open().Context!.TargetCertificate.Issuer);
    }

    [Fact]
    public void The_new_one_takes_its_place()
    {
        _files.Write($"before.example-dir/{Place}.pem", Pem(300, "CN=before"));
        var certificate = Open();
        var pem = Pem(60, "CN=new");
        var at = pem.IndexOf("-----BEGIN PRIVATE KEY", StringComparison.Ordinal);
        certificate.Obtained("ca.example-dir", new IssuedCertificate(pem[..at], pem[at..]), []);
        Assert.Equal("CN=new", certificate.Context!.TargetCertificate.Issuer);
        Assert.Equal("CN=new", Open().Context!.TargetCertificate.Issuer);
    }

    [Theory]
    [InlineData("the disk is full", true)]
    [InlineData("nothing says whose it is", false)]
    public void What_cannot_be_copied_is_read_where_it_lies(string why, bool saysWhose)
    {
        _files.Write("account.json", saysWhose ? $$"""{"url":"https://ca.example/acct/1","directory":"{{Wanted}}"}""" : "{");
        _files.Write($"{Place}.pem", Pem(60, "CN=earlier"));
        var certificate = Open(saysWhose ? new FullFiles(_files) : _files);
        Assert.True(certificate.Context is not null, why);
        Assert.True(certificate.DueAt(_time.GetUtcNow()) > _time.GetUtcNow().AddDays(10), why);
        Assert.Equal(saysWhose, _log.Lines.Any(line => line.Contains("No space left on device", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_state_that_is_broken_takes_no_certificate_with_it()
    {
        _files.Write($"ca.example-dir/{Place}.pem", Pem(60, "CN=own"));
        _files.Write($"ca.example-dir/{Place}.json", "{\"attempts\":");
        Assert.NotNull(Open().Held);
    }

    [Fact]
    public void A_certificate_that_is_broken_takes_no_state_with_it()
    {
        _files.Write($"ca.example-dir/{Place}.pem", "broken-----BEGIN PRIVATE KEY");
        _files.Write($"ca.example-dir/{Place}.json", """{"attempts":3}""");
        Assert.Equal((null, 3), (Open().Held, Open().State.Attempts));
    }

    [Fact]
    public void RFC_9773_section_4_2_the_moment_that_an_earlier_version_drew_holds()
    {
        _files.Write($"ca.example-dir/{Place}.pem", Pem(60, "CN=own"));
        _files.Write($"ca.example-dir/{Place}.json", """{"attempts":0,"last-try":"0001-01-01T00:00:00+00:00","next-try":"0001-01-01T00:00:00+00:00","window-start":"2026-12-01T00:00:00+00:00","window-end":"2026-12-03T00:00:00+00:00","renew-at":"2026-12-02T05:00:00+00:00"}""");
        Assert.Equal(new DateTimeOffset(2026, 12, 2, 5, 0, 0, TimeSpan.Zero), Open().DueAt(_time.GetUtcNow()));
    }

    /// <summary>Each process has stages of its own, and what a crash left goes.</summary>
    [Fact]
    public void In_a_folder_that_many_write_to_each_write_is_whole_and_nothing_is_left_beside()
    {
        using var folder = new TemporaryFolder();
        var stale = Path.Combine(Directory.CreateDirectory(Path.Combine(folder.Path, "ca")).FullName, "account.key.0.new");
        File.WriteAllText(stale, "");
        File.SetLastWriteTimeUtc(stale, DateTime.UtcNow.AddHours(-2));
        Parallel.For(0, 200, number => new DirectoryFiles(folder.Path).Write("ca/account.key", new string((char)('a' + (number % 26)), 5000)));
        Assert.Single(new DirectoryFiles(folder.Path).Read("ca/account.key")!.Distinct());
        Assert.Equal(["account.key"], Directory.EnumerateFiles(Path.Combine(folder.Path, "ca")).Select(Path.GetFileName));
        Assert.Equal(["ca"], new DirectoryFiles(folder.Path).Folders());
    }

    private HostedCertificate Open(IAcmeFiles? files = null)
    {
        var store = new HostedStore(files ?? _files, [Wanted], _log);
        store.TakeOver([Host]);
        return new HostedCertificate(Host, store.PairsOf(Host), new ServedCertificates(_time), _time, _log) { Spare = store.SpareOf(Host) };
    }

    private string Pem(int days, string issuer)
    {
        using var root = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var begin = _time.GetUtcNow().AddDays(-30);
        using var made = CertificateRequests.ForServer(key, [Host], isCertificate: true)
            .Create(new X500DistinguishedName(issuer), X509SignatureGenerator.CreateForECDsa(root), begin, _time.GetUtcNow().AddDays(days), RandomNumberGenerator.GetBytes(12));
        return made.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n";
    }

    private sealed class FullFiles(IAcmeFiles files) : IAcmeFiles
    {
        public string PathOf(string name) => files.PathOf(name);

        public string? Read(string name) => files.Read(name);

        public void Write(string name, string text) => throw new IOException("No space left on device");

        public void Delete(string name) => files.Delete(name);
    }
}
