using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Edge.Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Tests.Certificates;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class CertificateAuthorityTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    [Fact]
    public void The_root_is_made_once_and_is_private()
    {
        using var folder = new TemporaryFolder();
        using var first = TestAuthority.Open(folder.Path, Now);
        using var second = TestAuthority.Open(folder.Path, Now.AddDays(100));
        Assert.Equal(first.RootPem, second.RootPem);
        Assert.Equal(first.RootPem, File.ReadAllText(CertificateAuthority.RootPath(folder.Path)));
        foreach (var file in Directory.GetFiles(Path.Combine(folder.Path, "ca")))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }

        Assert.Equal(2, Directory.GetFiles(Path.Combine(folder.Path, "ca")).Length);
    }

    /// <summary>When the root ends, nothing of it can last longer: making it again and again would change nothing.</summary>
    [Theory]
    [InlineData(-60)]
    [InlineData(-20)]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(400)]
    public void Near_the_end_of_the_root_and_after_it_a_certificate_is_made_once(int days)
    {
        using var folder = new TemporaryFolder();
        var time = new FakeTimeProvider(Now);
        using var authority = CertificateAuthority.Open(folder.Path, "nas.example.com", time, NullLogger.Instance);
        var selector = new CertificateSelector();
        var manager = new CertificateManager(new CertificateFiles(folder.Path, NullLogger.Instance), authority, selector, [], time, NullLogger.Instance);
        using var root = X509Certificate2.CreateFromPem(authority.RootPem);
        time.SetUtcNow(new DateTimeOffset(root.NotAfter.ToUniversalTime(), TimeSpan.Zero).AddDays(days));
        var plan = new CertificatePlanner("nas.example.com", static _ => true, manager);
        plan.Replan();
        var first = selector.Select("nas.example.com");
        Assert.NotNull(first);
        time.Advance(TimeSpan.FromMinutes(1));
        plan.Replan();
        Assert.Same(first, selector.Select("nas.example.com"));
    }

    [Fact]
    public void The_end_of_the_root_is_said_a_year_before_and_a_month_before_and_then()
    {
        using var folder = new TemporaryFolder();
        var (time, log) = (new FakeTimeProvider(Now), new LogLines());
        using var authority = CertificateAuthority.Open(folder.Path, "nas.example.com", time, NullLogger.Instance);
        var manager = new CertificateManager(new CertificateFiles(folder.Path, log), authority, new CertificateSelector(), [], time, log);
        var watch = new ExpiryWatch(manager, time, log);
        foreach (var (days, said) in ((int, string[])[])[(-400, []), (-364, ["4144"]), (-300, ["4144"]), (-29, ["4144", "4145"]), (1, ["4144", "4145", "4145"]), (2, ["4144", "4145", "4145"])])
        {
            time.SetUtcNow(authority.NotAfter.AddDays(days));
            watch.Look();
            Assert.Equal(said, log.Lines.Select(line => line.Split(' ')[1]));
        }
    }

    [Fact]
    public void A_certificate_is_verified_by_the_root_in_NET_and_in_openssl()
    {
        using var folder = new TemporaryFolder();
        using var authority = TestAuthority.Open(folder.Path, Now);
        var issued = authority.Issue(["*.nas.example.com", "nas.example.com", "localhost", "127.0.0.1", "::1"]);
        using var leaf = X509Certificate2.CreateFromPem(issued.ChainPem, issued.KeyPem);
        using var root = X509Certificate2.CreateFromPem(authority.RootPem);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(root);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        Assert.True(chain.Build(leaf), string.Join(", ", chain.ChainStatus.Select(status => status.StatusInformation)));
        Assert.True(leaf.MatchesHostname("photos.nas.example.com", true, false));
        Assert.True(leaf.MatchesHostname("127.0.0.1", true, false));
        Assert.Equal("CN=*.nas.example.com", leaf.Subject);
        Assert.InRange((leaf.NotAfter - leaf.NotBefore).TotalDays, 90, 90.1);
        Assert.True(leaf.NotBefore.ToUniversalTime() <= Now.UtcDateTime.AddMinutes(-59));

        var path = Path.Combine(folder.Path, "leaf.crt");
        File.WriteAllText(path, issued.ChainPem);
        var verified = OpenSsl.Run("verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", "photos.nas.example.com", "-CAfile", CertificateAuthority.RootPath(folder.Path), path);
        Assert.Contains("OK", verified);
    }

    /// <summary>GnuTLS wants a subject; a common name has no more than 64 characters (RFC 5280, ub-common-name).</summary>
    [Theory]
    [InlineData("CN=nas.example.com", "127.0.0.1", "nas.example.com", "www.example.com")]
    [InlineData("CN=12345678901234567890123456789012345678901234567890123.example.co", "12345678901234567890123456789012345678901234567890123.example.co")]
    [InlineData("", "12345678901234567890123456789012345678901234567890123.example.com", "nas.example.com")]
    [InlineData("", "127.0.0.1")]
    public void The_first_DNS_name_is_the_common_name_if_it_fits(string subject, params string[] names)
    {
        using var folder = new TemporaryFolder();
        using var authority = TestAuthority.Open(folder.Path, Now);
        using var leaf = X509Certificate2.CreateFromPem(authority.Issue(names).ChainPem);
        Assert.Equal(subject, leaf.Subject);
        var alternative = Assert.Single(leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>());
        Assert.Equal(subject.Length == 0, alternative.Critical);
        Assert.Equal(names.Order(), alternative.EnumerateDnsNames().Concat(alternative.EnumerateIPAddresses().Select(address => address.ToString())).Order());
    }

    [Fact]
    public void A_broken_root_is_told_by_its_path_and_left_as_it_is()
    {
        using var folder = new TemporaryFolder();
        TestAuthority.Open(folder.Path, Now).Dispose();
        var path = CertificateAuthority.RootPath(folder.Path);
        File.WriteAllText(path, "not a certificate");
        var wrong = Assert.Throws<CryptographicException>(() => TestAuthority.Open(folder.Path, Now));
        Assert.Contains(path, wrong.Message);
        Assert.Equal("not a certificate", File.ReadAllText(path));
    }

    [Theory]
    [InlineData(-20 * 365)]
    [InlineData(-31)]
    [InlineData(31)]
    [InlineData(20 * 365)]
    public void A_clock_that_is_wrong_by_days_does_not_keep_it_from_issuing(int days)
    {
        using var folder = new TemporaryFolder();
        TestAuthority.Open(folder.Path, Now).Dispose();
        using var later = CertificateAuthority.Open(folder.Path, "nas", new FakeTimeProvider(Now.AddDays(days)), NullLogger.Instance);
        using var leaf = X509Certificate2.CreateFromPem(later.Issue(["nas.example.com"]).ChainPem);
        Assert.True(leaf.NotAfter > leaf.NotBefore);
    }

    [Fact]
    public void A_root_made_before_the_clock_was_set_still_holds_afterwards()
    {
        using var folder = new TemporaryFolder();
        TestAuthority.Open(folder.Path, DateTimeOffset.UnixEpoch).Dispose();
        using var now = TestAuthority.Open(folder.Path, Now);
        using var leaf = X509Certificate2.CreateFromPem(now.Issue(["nas.example.com"]).ChainPem);
        Assert.InRange(Now.UtcDateTime, leaf.NotBefore.ToUniversalTime(), leaf.NotAfter.ToUniversalTime());
    }
}
