using Edge.Acme;
using Edge.Acme.Hosting;
using Edge.Certificates;
using Xunit;

namespace Edge.Tests.Certificates.Acme;

/// <summary>What an application remembers of a certificate.</summary>
public sealed class HostedCertificateTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_wait_that_was_planned_with_a_clock_that_was_ahead_is_void()
    {
        var certificate = Open();
        certificate.Failed(Now.AddYears(5), Now.AddYears(5).AddMinutes(1));
        Assert.True(Open().DueAt(Now) <= Now);
    }

    [Fact]
    public void A_wait_holds_over_a_restart()
    {
        Open().Failed(Now, Now.AddHours(1));
        Assert.Equal(Now.AddHours(1), Open().DueAt(Now.AddMinutes(1)));
    }

    [Fact]
    public void When_the_CA_wants_it_back_and_is_asked_again_is_known_after_a_restart()
    {
        var window = new RenewalWindow(Now, Now.AddHours(2), Now.AddHours(1), "https://ca.test/why");
        Open().Plan(window, Now.AddHours(6));
        Assert.Equal((window, Now.AddHours(6)), (Open().Window, Open().NextLook));
    }

    [Theory]
    [InlineData("nas.example.com.pem")]
    [InlineData("nas.example.com.json")]
    public void A_file_that_cannot_be_read_keeps_no_application_from_starting(string file)
    {
        // A folder in its place: readable by nobody, whoever runs the test.
        Directory.CreateDirectory(Path.Combine(_folder.Path, "certificates", file));
        Assert.Null(Open().Leaf);
    }

    public void Dispose() => _folder.Dispose();

    private HostedCertificate Open() => new("nas.example.com", new AcmeFolder(_folder.Path));
}
