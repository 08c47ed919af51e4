using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Edge.Acme;
using Edge.Acme.Hosting;
using Xunit;

namespace Edge.Tests.Certificates.Acme;

/// <summary>What an application knows of its certificate, also after a restart.</summary>
public sealed class HostedCertificateTests
{
    private const string Host = "app.example.com";
    private static readonly DateTimeOffset Start = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    private readonly Microsoft.Extensions.Time.Testing.FakeTimeProvider _time = new(Start);
    private readonly LogLines _log = new();
    private readonly MemoryFiles _files = new();
    private readonly ServedCertificates _served;

    public HostedCertificateTests() => _served = new ServedCertificates(_time);

    [Theory]
    [InlineData(0, 3600, 3600)]
    [InlineData(-60, 3600, 3600)]
    [InlineData(63_072_000, 63_075_600, null)]
    public void After_a_failure_it_waits_but_not_for_a_clock_that_was_two_years_ahead(int failedIn, int nextTryIn, int? dueIn)
    {
        // The clock of fakes cannot be set back: what was noted then is written as it would have been.
        new HostedPair("first", Host, _files).Become(RenewalState.Fresh with { Attempts = 1, LastTry = Start.AddSeconds(failedIn), NextTry = Start.AddSeconds(nextTryIn) });
        var again = Certificate();
        Assert.Equal(1, again.State.Attempts);
        Assert.Equal(dueIn is { } seconds ? Start.AddSeconds(seconds) : DateTimeOffset.MinValue, again.DueAt(Start));
    }

    [Fact]
    public void RFC_9773_section_4_2_the_moment_that_was_drawn_and_the_next_look_outlive_a_restart()
    {
        var certificate = Certificate();
        Obtain(certificate, "first");
        certificate.Looked(new RenewalInfo(Start.AddDays(50), Start.AddDays(52), null, TimeSpan.FromHours(6)), Start.AddHours(6), () => 0.25);
        var again = Certificate();
        Assert.Equal((Start.AddHours(6), Start.AddDays(50.5)), (again.NextLook, again.DueAt(Start)));
    }

    /// <summary>It is no failure to obtain one: nothing on the ladder comes of it.</summary>
    [Fact]
    public async Task A_CA_that_never_answers_about_the_renewal_is_asked_again_an_hour_later()
    {
        var certificate = Certificate();
        Obtain(certificate, "first");
        var silent = new SilentCa();
        var client = new AcmeClient(FakeAcmeServer.Directory, AccountKey.Create(), new HttpClient(silent), _time);
        var issuer = new AcmeIssuer(client, new AcmeAccounts(_files, client, new AccountRequest([]), _time, _log), [], new OrderJournal(_files), new IssuerChoices(), AcmePatience.Usual, _time, _log);
        var asking = HostedLook.AskAsync(issuer, certificate, certificate.Held!, _time, TestContext.Current.CancellationToken);
        await silent.Asked.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromSeconds(61));
        await asking.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        var again = Certificate();
        Assert.Equal((0, _time.GetUtcNow().AddHours(1)), (again.State.Attempts, again.NextLook));
    }

    [Fact]
    public void A_file_that_cannot_be_read_does_not_keep_the_application_from_starting()
    {
        var certificate = new HostedCertificate(Host, [new HostedPair("first", Host, new StubbornFiles())], _served, _time, _log);
        Assert.Equal((null, DateTimeOffset.MinValue), (certificate.Context, certificate.DueAt(Start)));
    }

    /// <summary>What the CA gave counts at its limits, whether the disk takes it or not.</summary>
    [Fact]
    public void A_certificate_that_the_disk_does_not_take_is_shown_and_its_order_kept()
    {
        var certificate = new HostedCertificate(Host, [new HostedPair("first", Host, new StubbornFiles())], _served, _time, _log);
        Assert.False(Obtain(certificate, "first"));
        Assert.Same(certificate.Context, _served.Select(Host));
        Assert.NotNull(certificate.Context);
        Assert.True(certificate.DueAt(Start) > Start.AddDays(50));
        Assert.Contains(_log.Lines, line => line.Contains("was not kept: Read-only file system", StringComparison.Ordinal));
    }

    [Fact]
    public void What_the_second_CA_gave_serves_and_is_there_after_a_restart()
    {
        var certificate = Certificate("first", "second");
        certificate.Failed("down", null, _ => TimeSpan.FromMinutes(1), []);
        Obtain(certificate, "second");
        var again = Certificate("first", "second");
        Assert.Equal(("second", 0), (again.Held?.Issuer, again.State.Attempts));
        Assert.True(again.DueAt(Start) > Start.AddDays(50));
        Assert.Single(again.IssuancesOf("second"));
        Assert.Empty(again.IssuancesOf("first"));
    }

    /// <summary>CAs backdate: what was obtained last takes the place of the other one.</summary>
    [Fact]
    public void The_certificate_that_was_obtained_last_serves_whatever_it_is_dated()
    {
        var certificate = Certificate("first", "second");
        Obtain(certificate, "second", backdated: 0);
        _time.Advance(TimeSpan.FromHours(1));
        Obtain(certificate, "first", backdated: 48);
        Assert.Equal("first", certificate.Held?.Issuer);
        Assert.Equal("first", Certificate("first", "second").Held?.Issuer);
    }

    private HostedCertificate Certificate(params string[] issuers) =>
        new(Host, [.. (issuers.Length == 0 ? ["first"] : issuers).Select(issuer => new HostedPair(issuer, Host, issuer == "first" ? _files : new CaFiles(_files, new Uri($"https://{issuer}.test/dir"))))], _served, _time, _log);

    private bool Obtain(HostedCertificate certificate, string issuer, int backdated = 1)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = CertificateRequests.ForServer(key, [Host], isCertificate: true);
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(new byte[20]));
        using var made = request.CreateSelfSigned(_time.GetUtcNow().AddHours(-backdated), _time.GetUtcNow().AddDays(90));
        return certificate.Obtained(issuer, new IssuedCertificate(made.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n"), []);
    }

    private sealed class SilentCa : HttpMessageHandler
    {
        private readonly TaskCompletionSource _asked = new();

        public Task Asked => _asked.Task;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            _asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return new HttpResponseMessage();
        }
    }

    private sealed class StubbornFiles : IAcmeFiles
    {
        public string PathOf(string name) => name;

        public string? Read(string name) => throw new IOException("Input/output error");

        public void Write(string name, string text) => throw new IOException("Read-only file system");

        public void Delete(string name) => throw new IOException("Read-only file system");
    }
}
