using Edge.Acme;
using Edge.Certificates;
using Edge.Services;
using Xunit;

namespace Edge.Tests.Certificates;

/// <summary>A certificate that nobody wants any more is shown for a host of its own that comes and goes, and others are not sorted anew for that.</summary>
public sealed class SpareCertificateTests : IDisposable
{
    private const string Host = "photos.nas.example.com";

    private readonly TemporaryFolder _data = new();
    private readonly LogLines _log = new();
    private readonly CertificateAuthority _authority;
    private readonly CertificateSelector _selector = new();
    private readonly CertificateManager _manager;
    private readonly CertificatePlanner _planner;

    public SpareCertificateTests()
    {
        _authority = CertificateAuthority.Open(_data.Path, "nas.example.com", TimeProvider.System, _log);
        _manager = new CertificateManager(new CertificateFiles(_data.Path, _log), _authority, _selector, ["public"], TimeProvider.System, _log);
        _planner = new CertificatePlanner("nas.example.com", static _ => true, _manager);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _data.Dispose();
    }

    [Fact]
    public void It_comes_and_goes_with_its_host()
    {
        Apply();
        var spare = _authority.Issue([Host]);
        _manager.Obtained(new RenewalJob(new CertificateId("public", Host), [Host], default, RenewalState.Fresh), "public", spare);
        foreach (var hosts in (string[][])[["other.nas.example.com"], ["other.nas.example.com", Host], [Host], [], ["other.nas.example.com"], [Host]])
        {
            Apply(hosts);
            Assert.Equal(hosts.Contains(Host) ? "public" : CertificateId.Internal, _selector.Current.Find(Host)!.Id.Issuer);
            Assert.Equal(CertificateId.Internal, _selector.Current.Find("other.nas.example.com")!.Id.Issuer);
        }
    }

    [Fact]
    public void A_host_that_no_spare_certificate_has_leaves_the_set_as_it_is()
    {
        Apply();
        Apply(Host);
        var set = _selector.Current;
        Apply(Host, "other.nas.example.com");
        Assert.Same(set, _selector.Current);
        Apply("deep.er.nas.example.com");
        Assert.NotNull(_selector.Current.Find("deep.er.nas.example.com"));
    }

    private void Apply(params string[] hosts) =>
        _planner.Apply(new ServiceSet(1, [.. hosts.Select(host => new Service { Name = host.Split('.')[0], Hosts = [host], To = [new Uri("http://192.0.2.1")], Source = SourceKind.File, Where = "here" })], []));
}
