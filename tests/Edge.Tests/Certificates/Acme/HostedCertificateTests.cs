using Edge.Acme;
using Edge.Acme.Hosting;
using Xunit;

namespace Edge.Tests.Certificates.Acme;

/// <summary>What an application knows of its certificate after a restart.</summary>
public sealed class HostedCertificateTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    private readonly MemoryFiles _files = new();

    [Theory]
    [InlineData(0, 3600, 3600)]
    [InlineData(-60, 3600, 3600)]
    [InlineData(63_072_000, 63_075_600, null)]
    public void After_a_failure_it_waits_but_not_for_a_clock_that_was_two_years_ahead(int failedIn, int nextTryIn, int? dueIn)
    {
        Certificate().Failed(Now.AddSeconds(failedIn), Now.AddSeconds(nextTryIn));
        var again = Certificate();
        Assert.Equal(1, again.Attempts);
        Assert.Equal(dueIn is { } seconds ? Now.AddSeconds(seconds) : DateTimeOffset.MinValue, again.DueAt(Now));
    }

    [Fact]
    public void RFC_9773_section_4_2_the_moment_that_was_drawn_outlives_a_restart()
    {
        var window = RenewalWindow.Of(null, new RenewalInfo(Now, Now.AddDays(2), null, TimeSpan.FromHours(6)), () => 0.25);
        Certificate().Looked(window, Now.AddHours(6));
        Assert.Equal(window, Certificate().Window);
    }

    [Fact]
    public void A_file_that_cannot_be_read_does_not_keep_the_application_from_starting()
    {
        var certificate = new HostedCertificate("app.example.com", new UnreadableFiles());
        Assert.Equal((null, DateTimeOffset.MinValue), (certificate.Context, certificate.DueAt(Now)));
    }

    private HostedCertificate Certificate() => new("app.example.com", _files);

    private sealed class UnreadableFiles : IAcmeFiles
    {
        public string PathOf(string name) => name;

        public string? Read(string name) => throw new IOException("Input/output error");

        public void Write(string name, string text) => throw new IOException("Read-only file system");

        public void Delete(string name) => throw new IOException("Read-only file system");
    }
}
