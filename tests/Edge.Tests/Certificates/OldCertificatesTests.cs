using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Edge.Acme;
using Edge.Certificates;
using Edge.Services;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Tests.Certificates;

/// <summary>Certificates that no service wants any more go a month after their end; nothing else does.</summary>
public sealed class OldCertificatesTests : IDisposable
{
    private const string Gone = "photos.example.org";
    private static readonly DateTimeOffset Start = DateTimeOffset.UtcNow;

    private readonly TemporaryFolder _data = new();
    private readonly LogLines _log = new();
    private readonly FakeTimeProvider _time = new(Start);
    private readonly CertificateFiles _files;
    private CertificateAuthority _authority;
    private CertificateManager _manager;
    private CertificatePlanner _planner;

    public OldCertificatesTests()
    {
        _files = new CertificateFiles(_data.Path, _log);
        (_authority, _manager, _planner) = Begin();
    }

    public void Dispose()
    {
        _authority.Dispose();
        _data.Dispose();
    }

    [Theory]
    [InlineData(119, true)]
    [InlineData(121, false)]
    public void What_nobody_wants_is_removed_a_month_after_its_end(int days, bool isKept)
    {
        Obtain(Gone);
        Serve();
        _time.Advance(TimeSpan.FromDays(days));
        _manager.Clean();
        Assert.Equal(isKept, Directory.Exists(FolderOf("public", Gone)));
        Assert.Equal(isKept, Directory.Exists(FolderOf(CertificateId.Internal, Gone)));
        Assert.Equal(isKept ? 0 : 2, _log.Lines.Count(line => line.Contains("no service wants the certificate", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_is_wanted_stays_however_long_it_is_over()
    {
        Obtain(Gone);
        _time.Advance(TimeSpan.FromDays(400));
        _manager.Clean();
        Assert.True(File.Exists(_files.ChainPath(new CertificateId("public", Gone))));
    }

    [Fact]
    public void It_is_known_after_a_restart_what_may_go()
    {
        Obtain(Gone);
        _time.Advance(TimeSpan.FromDays(121));
        Restart();
        _manager.Clean();
        Assert.False(Directory.Exists(FolderOf("public", Gone)));
    }

    [Fact]
    public void What_an_earlier_version_obtained_is_known_by_its_state()
    {
        Obtain(Gone);
        var state = Path.ChangeExtension(_files.ChainPath(new CertificateId("public", Gone)), ".json");
        File.WriteAllLines(state, File.ReadAllLines(state).Where(line => !line.Contains("serial", StringComparison.Ordinal) && !line.Contains("obtained", StringComparison.Ordinal)));
        _time.Advance(TimeSpan.FromDays(121));
        Restart();
        _manager.Clean();
        Assert.False(Directory.Exists(FolderOf("public", Gone)));
    }

    [Theory]
    [InlineData("public")]
    [InlineData(CertificateId.Internal)]
    public void A_pair_that_somebody_laid_there_stays(string issuer)
    {
        Obtain(Gone);
        var chain = _files.ChainPath(new CertificateId(issuer, Gone));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var own = CertificateRequests.ForServer(key, [Gone], isCertificate: true).CreateSelfSigned(Start.AddDays(-9), Start.AddDays(1));
        File.WriteAllText(chain, own.ExportCertificatePem());
        File.WriteAllText(Path.ChangeExtension(chain, ".key"), key.ExportPkcs8PrivateKeyPem());
        _time.Advance(TimeSpan.FromDays(400));
        Restart();
        _manager.Clean();
        Assert.Equal(own.ExportCertificatePem(), File.ReadAllText(chain));
    }

    [Fact]
    public void What_else_lies_in_the_folder_stays_and_an_account_too()
    {
        Obtain(Gone);
        File.WriteAllText(Path.Combine(FolderOf("public", Gone), "notes.txt"), "mine");
        var account = AcmeFolder.Of(_data.Path, new Uri("https://public"));
        AcmeAccounts.OpenKey(account).Dispose();
        Serve();
        _time.Advance(TimeSpan.FromDays(121));
        _manager.Clean();
        Assert.Equal(["notes.txt"], Directory.GetFiles(FolderOf("public", Gone)).Select(Path.GetFileName));
        Assert.NotNull(account.Read("account.key"));
    }

    [Fact]
    public void What_was_taken_back_goes_with_its_files_that_were_set_aside()
    {
        Obtain(Gone);
        _files.SetAside(new CertificateId("public", Gone));
        Serve();
        _time.Advance(TimeSpan.FromDays(121));
        Restart();
        _manager.Clean();
        Assert.False(Directory.Exists(FolderOf("public", Gone)));
    }

    [Fact]
    public void Nothing_goes_in_the_first_hour_when_not_all_services_are_known()
    {
        Obtain(Gone);
        _time.Advance(TimeSpan.FromDays(121));
        Restart();
        var old = new OldCertificates(_manager, _time);
        old.Look();
        Assert.True(Directory.Exists(FolderOf("public", Gone)));
        _time.Advance(TimeSpan.FromHours(1));
        old.Look();
        Assert.False(Directory.Exists(FolderOf("public", Gone)));
    }

    private string FolderOf(string issuer, string name) => Path.GetDirectoryName(_files.ChainPath(new CertificateId(issuer, name)))!;

    private (CertificateAuthority, CertificateManager, CertificatePlanner) Begin()
    {
        var authority = CertificateAuthority.Open(_data.Path, "nas.example.com", _time, _log);
        var manager = new CertificateManager(_files, authority, new CertificateSelector(), ["public"], _time, _log);
        manager.Load();
        var planner = new CertificatePlanner("nas.example.com", static host => host.EndsWith("example.com", StringComparison.Ordinal), manager) { IsDelegated = static _ => true };
        planner.Replan();
        return (authority, manager, planner);
    }

    private void Restart()
    {
        _authority.Dispose();
        (_authority, _manager, _planner) = Begin();
    }

    private void Obtain(string host)
    {
        Serve(host);
        _manager.Obtained(new RenewalJob(new CertificateId("public", host), [host], default, RenewalState.Fresh), "public", _authority.Issue([host]));
    }

    private void Serve(params string[] hosts) =>
        _planner.Apply(new ServiceSet(1, [.. hosts.Select(host => new Service { Name = host.Split('.')[0], Hosts = [host], To = [new Uri("http://192.0.2.1")], Source = SourceKind.File, Where = "here" })], []));
}
