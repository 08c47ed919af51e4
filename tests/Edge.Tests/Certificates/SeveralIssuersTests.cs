using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Edge.Acme;
using Edge.Certificates;
using Edge.Tests.Certificates.Acme;
using Xunit;

namespace Edge.Tests.Certificates;

/// <summary>Which CA is asked, how often, and when one is asked no more.</summary>
public sealed class SeveralIssuersTests : IDisposable
{
    private const string Level = "*.nas.example.test";
    private static readonly Uri Second = new("https://second.test/dir");
    private static readonly Uri Staging = new("https://staging.test/dir");

    private readonly TemporaryFolder _folder = new();
    private readonly ShiftedTime _time = new();
    private readonly FakeAcmeServer _first = new();
    private readonly FakeAcmeServer _second = new("second.test");
    private readonly FakeAcmeServer _staging = new("staging.test");

    public SeveralIssuersTests() => _first.Now = _second.Now = _staging.Now = _time.GetUtcNow;

    [Fact]
    public async Task The_second_CA_is_asked_when_the_first_says_no_and_its_certificate_serves()
    {
        _first.Script = line => line == "POST /order" ? _first.Problem(HttpStatusCode.TooManyRequests, "rateLimited", "too many") : null;
        await using var room = Run(Both());
        await Eventually.TrueAsync(() => room.IssuerOf("nas.example.test") == "second.test-dir", () => string.Join("\n", room.Log.Lines));
        var only = room.Public(Level);
        Assert.Equal(("second.test-dir", CertificateState.Serving), (only.Issuer, only.State));
        Assert.True(File.Exists(only.Path));
    }

    [Fact]
    public async Task The_first_CA_is_asked_first()
    {
        await using var room = Run(Both());
        await Eventually.TrueAsync(() => room.IssuerOf("nas.example.test") == "ca.test-dir", () => string.Join("\n", room.Log.Lines));
        Assert.Empty(_second.Requests);
    }

    [Fact]
    public async Task When_all_say_no_all_reasons_are_told()
    {
        _first.Script = line => line == "POST /order" ? _first.Problem(HttpStatusCode.Forbidden, "rejectedIdentifier", "not here") : null;
        _second.Script = _ => throw new HttpRequestException("Connection refused");
        await using var room = Run(Both());
        await Eventually.TrueAsync(() => room.Public(Level).Attempts > 1, () => string.Join("\n", room.Log.Lines));
        Assert.Contains("ca.test-dir: rejectedIdentifier: not here; second.test-dir: the CA cannot be reached", room.Public(Level).Reason);
    }

    [Fact]
    public async Task After_a_name_could_not_be_proven_the_test_CA_is_asked_until_it_can()
    {
        _first.Validate = _staging.Validate = _ => false;
        await using var room = Run([new PublicIssuer(Issuer(FakeAcmeServer.Directory, _first), Issuer(Staging, _staging))]);
        await Eventually.TrueAsync(() => room.Public(Level).Attempts >= 4, () => string.Join("\n", room.Log.Lines));
        Assert.Single(_first.Orders);
        Assert.True(_staging.Orders.Count >= 3);
        Assert.Contains("said by staging.test-dir", room.Public(Level).Reason);

        // The cause is mended: the test CA sees it, and then the CA is asked again.
        _first.Validate = _staging.Validate = _ => true;
        await Eventually.TrueAsync(() => room.IssuerOf("nas.example.test") == "ca.test-dir", () => string.Join("\n", room.Log.Lines));
        Assert.Equal(2, _first.Orders.Count);
        Assert.DoesNotContain(Directory.GetDirectories(Path.Combine(_folder.Path, "certificates")), folder => folder.Contains("staging"));
    }

    [Fact]
    public async Task The_doubt_about_a_name_survives_a_restart()
    {
        _first.Validate = _staging.Validate = _ => false;
        await using (var room = Run([new PublicIssuer(Issuer(FakeAcmeServer.Directory, _first), Issuer(Staging, _staging))]))
        {
            await Eventually.TrueAsync(() => room.Public(Level).Attempts >= 1, () => string.Join("\n", room.Log.Lines));
        }

        await using var again = Run([new PublicIssuer(Issuer(FakeAcmeServer.Directory, _first), Issuer(Staging, _staging))]);
        await Eventually.TrueAsync(() => again.Public(Level).Attempts >= 3, () => string.Join("\n", again.Log.Lines));
        Assert.Single(_first.Orders);
    }

    /// <summary>A failure that has nothing to do with the names, such as a disk that is full, says nothing about them.</summary>
    [Fact]
    public async Task The_doubt_about_a_name_survives_a_failure_of_another_kind()
    {
        _first.Validate = _staging.Validate = _ => false;
        await using var room = Run([new PublicIssuer(Issuer(FakeAcmeServer.Directory, _first), Issuer(Staging, _staging))]);
        await Eventually.TrueAsync(() => room.Public(Level).Attempts >= 1, () => string.Join("\n", room.Log.Lines));
        _staging.Script = _ => throw new IOException("No space left on device");
        await Eventually.TrueAsync(() => room.Public(Level).Reason!.Contains("No space"), () => string.Join("\n", room.Log.Lines));
        _staging.Script = _ => null;
        await Eventually.TrueAsync(() => room.Public(Level).Reason!.Contains("said by"), () => string.Join("\n", room.Log.Lines));
        Assert.Single(_first.Orders);
    }

    /// <summary>While the doubted CA rests for long, it is the next one whose limit would be used up.</summary>
    [Fact]
    public async Task The_doubt_about_a_name_goes_to_the_CA_that_is_asked()
    {
        _first.Validate = _second.Validate = _staging.Validate = _ => false;
        _first.Script = line => line == "POST /order" && _first.Orders.Count >= 1 ? Busy(TimeSpan.FromHours(34)) : null;
        _staging.Script = line => line == "POST /order" && Asked(_first) < 2 ? _staging.Problem(HttpStatusCode.BadRequest, "malformed") : null;
        await using var room = Run([new PublicIssuer(Issuer(FakeAcmeServer.Directory, _first), Issuer(Staging, _staging)), new PublicIssuer(Issuer(Second, _second), Issuer(Staging, _staging))]);
        await Eventually.TrueAsync(() => room.Public(Level).Reason?.Contains("said by staging.test-dir") == true && room.Public(Level).Attempts > 5, () => string.Join("\n", room.Log.Lines));
        Assert.InRange(_second.Orders.Count, 1, 4);
    }

    [Fact]
    public async Task A_CA_that_rests_is_left_in_peace_also_after_another_one_gave_a_certificate()
    {
        await using var room = Run(Both(), TimeSpan.FromDays(1));
        await Eventually.TrueAsync(() => room.IssuerOf("nas.example.test") == "ca.test-dir" && room.Manager.Jobs().Length == 1, () => string.Join("\n", room.Log.Lines));
        var (job, rest) = (room.Manager.Jobs()[0], new IssuerRest("second.test-dir", _time.GetUtcNow().AddHours(34), "too many"));
        using var folder = new TemporaryFolder();
        using var authority = CertificateAuthority.Open(folder.Path, "nas.example.test", _time, new LogLines());
        room.Manager.Obtained(job, "ca.test-dir", authority.Issue(job.Names), [rest, rest with { Issuer = "ca.test-dir" }]);
        Assert.Equal([rest], room.Manager.Jobs()[0].State.Resting);
    }

    [Fact]
    public async Task A_test_CA_with_troubles_of_its_own_stands_in_nobodys_way()
    {
        _first.Validate = _ => false;
        _staging.Script = _ => throw new HttpRequestException("down");
        await using var room = Run([new PublicIssuer(Issuer(FakeAcmeServer.Directory, _first), Issuer(Staging, _staging))]);
        await Eventually.TrueAsync(() => _first.Orders.Count >= 2, () => string.Join("\n", room.Log.Lines));
    }

    [Fact]
    public async Task What_loses_its_certificates_gets_four_in_a_week_and_no_fifth()
    {
        for (var start = 0; start < 5; start++)
        {
            var room = Run(First());
            var chain = Path.Combine(_folder.Path, "certificates", "ca.test-dir", "wildcard_.nas.example.test", "wildcard_.nas.example.test.crt");
            await Eventually.TrueAsync(() => File.Exists(chain) || room.Public(Level).Reason is not null, () => string.Join("\n", room.Log.Lines));
            await room.DisposeAsync();
            File.Delete(chain);
        }

        Assert.Equal(4, _first.Orders.Count);
        await using var blocked = Run(First());
        Assert.Contains("edge certs renew *.nas.example.test", blocked.Public(Level).Reason);

        // A person may say that it is meant so; and after a week it goes by itself.
        Assert.NotNull(blocked.Manager.Force("nas.example.test"));
        await Eventually.TrueAsync(() => blocked.IssuerOf("nas.example.test") == "ca.test-dir", () => string.Join("\n", blocked.Log.Lines));
        Assert.Equal(5, _first.Orders.Count);
    }

    /// <summary>Made and of no use: the CA counts them all the same.</summary>
    [Fact]
    public async Task What_the_CA_makes_wrong_is_made_four_times_and_no_fifth()
    {
        _first.Afterwards = line => line.StartsWith("POST /certificate/", StringComparison.Ordinal)
            ? new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(OfAnotherKey()) } : null;
        await using var room = Run(First());
        await Eventually.TrueAsync(() => room.Public(Level).Reason?.Contains("edge certs renew") == true, () => string.Join("\n", room.Log.Lines));
        Assert.Equal(4, _first.Orders.Count(order => order.Finalized));
    }

    [Fact]
    public async Task What_the_CA_makes_and_does_not_give_is_made_four_times_and_no_fifth()
    {
        _first.Script = line => line.StartsWith("POST /certificate/", StringComparison.Ordinal) ? new HttpResponseMessage(HttpStatusCode.NotFound) : null;
        await using var room = Run(First());
        await Eventually.TrueAsync(() => room.Public(Level).Reason?.Contains("edge certs renew") == true, () => string.Join("\n", room.Log.Lines));
        Assert.Equal(4, _first.Orders.Count(order => order.Finalized));
    }

    /// <summary>A long wait that one CA asks for is kept, whatever the others say, and over a restart.</summary>
    [Fact]
    public async Task A_CA_that_says_when_to_come_back_is_not_asked_before_that_though_another_one_is()
    {
        _first.Script = line => line == "POST /order" ? Busy(TimeSpan.FromHours(34)) : null;
        _second.Script = _ => throw new HttpRequestException("Connection refused");
        await using (var room = Run(Both()))
        {
            await Eventually.TrueAsync(() => room.Public(Level).Attempts > 3, () => string.Join("\n", room.Log.Lines));
            Assert.Equal(1, Asked(_first));
        }

        await using var again = Run(Both());
        var before = again.Public(Level).Attempts;
        await Eventually.TrueAsync(() => again.Public(Level).Attempts > before + 2, () => string.Join("\n", again.Log.Lines));
        Assert.Equal(1, Asked(_first));

        // When the time has come it is asked by itself.
        _time.Jump(TimeSpan.FromHours(35));
        await Eventually.TrueAsync(() => Asked(_first) == 2, () => string.Join("\n", again.Log.Lines));
    }

    /// <summary>The certificate of a CA that stepped in once, and lasts longer, does not make the new ones of the first be ordered in a circle.</summary>
    [Fact]
    public async Task The_newest_certificate_counts_not_the_one_that_lasts_longest()
    {
        var down = true;
        _first.Script = line => down ? throw new HttpRequestException("Connection refused") : null;
        _first.Lifetime = TimeSpan.FromDays(6);
        await using var room = Run(Both());
        await Eventually.TrueAsync(() => room.IssuerOf("nas.example.test") == "second.test-dir", () => string.Join("\n", room.Log.Lines));

        // 1. Two months later the first CA is there again: its certificate serves, though the other one would last longer.
        down = false;
        _time.Jump(TimeSpan.FromDays(61));
        room.Manager.Wake();
        await Eventually.TrueAsync(() => room.IssuerOf("nas.example.test") == "ca.test-dir", () => string.Join("\n", room.Log.Lines));

        // 2. And it is not ordered again before its time.
        var next = room.Public(Level).NextTry!.Value;
        Assert.InRange(next, _time.GetUtcNow().AddDays(2), _time.GetUtcNow().AddDays(4));
        room.Manager.Wake();
        await Eventually.TrueAsync(() => !room.Manager.Jobs().IsEmpty, () => "still being worked on");
        Assert.Single(_first.Orders);

        // 3. A person who asks for another one gets it shown.
        var held = room.Selector.Select("nas.example.test");
        Assert.NotNull(room.Manager.Force("nas.example.test"));
        await Eventually.TrueAsync(() => !ReferenceEquals(room.Selector.Select("nas.example.test"), held), () => string.Join("\n", room.Log.Lines));
    }

    /// <summary>CAs backdate theirs, some by an hour and some by more.</summary>
    [Fact]
    public async Task The_certificate_that_was_obtained_last_serves_also_after_a_restart_however_it_is_backdated()
    {
        var down = true;
        _first.Script = _ => down ? throw new HttpRequestException("Connection refused") : null;
        _first.Now = () => _time.GetUtcNow().AddDays(-1);
        await using (var room = Run(Both()))
        {
            await Eventually.TrueAsync(() => room.IssuerOf("nas.example.test") == "second.test-dir", () => string.Join("\n", room.Log.Lines));
            down = false;
            Assert.NotNull(room.Manager.Force("nas.example.test"));
            await Eventually.TrueAsync(() => room.IssuerOf("nas.example.test") == "ca.test-dir", () => string.Join("\n", room.Log.Lines));
        }

        await using var again = Run(Both());
        Assert.Equal("ca.test-dir", again.IssuerOf("nas.example.test"));
    }

    /// <summary>A CA that has no other for tests would count each failure.</summary>
    [Fact]
    public async Task Where_nobody_can_be_asked_first_a_CA_looks_seldom_at_what_it_could_not_prove()
    {
        _first.Validate = _ => false;
        await using var room = Run(First(), TimeSpan.FromMilliseconds(20));
        await Eventually.TrueAsync(() => room.Public(Level).Attempts == 3, () => string.Join("\n", room.Log.Lines));
        Assert.InRange(room.Public(Level).NextTry!.Value - _time.GetUtcNow(), TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(400));
    }

    [Fact]
    public async Task A_week_later_the_guard_has_forgotten()
    {
        var now = _time.GetUtcNow();
        ImmutableArray<Issuance> four = [.. Enumerable.Range(1, 4).Select(hour => new Issuance(now.AddHours(-hour), now.AddDays(60)))];
        Assert.True(Issuance.AreTooMany(four, now));
        Assert.False(Issuance.AreTooMany(four, now.AddDays(7)));
        Assert.False(Issuance.AreTooMany([.. four.Select(one => one with { Until = now })], now));
        Assert.False(Issuance.AreTooMany(four[..3], now));
        await Task.CompletedTask;
    }

    [Fact]
    public async Task A_CA_that_wants_a_certificate_back_now_gets_it_replaced_now()
    {
        var asked = new List<string>();
        var past = false;
        _first.RenewalInfo = identity =>
        {
            lock (asked)
            {
                asked.Add(identity);
            }

            var (start, end) = past ? (_time.GetUtcNow().AddHours(-1), _time.GetUtcNow().AddMinutes(-30)) : (_time.GetUtcNow().AddDays(59), _time.GetUtcNow().AddDays(61));
            var answer = new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent($$"""{"suggestedWindow":{"start":"{{start:O}}","end":"{{end:O}}"},"explanationURL":"https://ca.test/incident"}""") };
            answer.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromHours(6));
            return answer;
        };
        await using var room = Run(First());

        // 1. It is asked at once after issuance, and the moment it wants is taken.
        await Eventually.TrueAsync(() => room.Manager.Status().Any(status => status.Window is not null), () => string.Join("\n", room.Log.Lines));
        var held = room.Selector.Select("nas.example.test")!;
        Assert.Equal(CertificateIdentity.Of(held.Leaf), Assert.Single(asked));
        Assert.InRange(room.Public(Level).NextTry!.Value, held.NotBefore.AddDays(58.9), held.NotBefore.AddDays(61.1));
        Assert.Equal("https://ca.test/incident", room.Public(Level).Window!.Explanation);

        // 2. Before six hours it is not asked again, not even after a restart; then it wants the certificate back.
        past = true;
        room.Manager.Wake();
        _time.Jump(TimeSpan.FromHours(7));
        room.Manager.Wake();
        await Eventually.TrueAsync(() => !ReferenceEquals(room.Selector.Select("nas.example.test"), held), () => string.Join("\n", room.Log.Lines));
        Assert.Equal([null, CertificateIdentity.Of(held.Leaf)], _first.Orders.Take(2).Select(order => order.Replaces));
    }

    [Fact]
    public async Task Without_an_answer_about_renewal_the_share_of_the_life_decides()
    {
        _first.RenewalInfo = _ => new HttpResponseMessage(HttpStatusCode.NotFound);
        await using var room = Run(First());
        await Eventually.TrueAsync(() => room.Log.Lines.Any(line => line.Contains("did not say when")), () => string.Join("\n", room.Log.Lines));
        var held = room.Selector.Select("nas.example.test")!;
        Assert.Equal(held.RenewAt, room.Public(Level).NextTry);
    }

    public void Dispose()
    {
        Assert.Empty(_first.Violations.Concat(_second.Violations).Concat(_staging.Violations));
        _folder.Dispose();
    }

    private ImmutableArray<PublicIssuer> First() => [new PublicIssuer(Issuer(FakeAcmeServer.Directory, _first))];

    private ImmutableArray<PublicIssuer> Both() => [.. First(), new PublicIssuer(Issuer(Second, _second))];

    private static string OfAnotherKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=other", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(90));
        return certificate.ExportCertificatePem();
    }

    private static int Asked(FakeAcmeServer server) => server.Requests.ToArray().Count(line => line == "POST /order");

    private HttpResponseMessage Busy(TimeSpan wait)
    {
        var busy = _first.Problem(HttpStatusCode.TooManyRequests, "rateLimited", "too many");
        busy.Headers.RetryAfter = new RetryConditionHeaderValue(wait);
        return busy;
    }

    private AcmeIssuer Issuer(Uri directory, FakeAcmeServer server) => RunningRoom.Issuer(_folder.Path, directory, server, _time, new LogLines());

    private RunningRoom Run(ImmutableArray<PublicIssuer> issuers, TimeSpan? ladder = null) => new(_folder.Path, _first, _time, ladder, issuers: issuers);
}
