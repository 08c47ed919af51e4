using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using Edge.Certificates;
using Edge.Acme;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Tests.Certificates.Acme;

public sealed class AcmeIssuerTests : IDisposable
{
    private static readonly ImmutableArray<string> Names = ["*.nas.example.com", "nas.example.com"];

    private readonly FakeAcmeServer _server = new();
    private readonly TemporaryFolder _folder = new();
    private readonly ImpatientTime _time = new(DateTimeOffset.UtcNow);
    private readonly ChallengeRecords _challenges = new();
    private readonly List<int> _overlaySizes = [];
    private readonly AcmeClient _client;
    private readonly AcmeIssuer _issuer;
    private Func<ChallengeRecord, string?> _whyNotServed = _ => null;

    public AcmeIssuerTests()
    {
        var files = new AcmeFolder(_folder.Path);
        _client = new AcmeClient(FakeAcmeServer.Directory, AcmeAccounts.OpenKey(files), new HttpClient(_server), _time);
        var accounts = new AcmeAccounts(files, _client, new AccountRequest(["mailto:me@example.com"]), _time, NullLogger.Instance);
        var dns = new DnsSolver(ChallengeType.Dns01, _challenges, (owner, _) => ValueTask.FromResult(owner), record => _whyNotServed(record));
        _issuer = new AcmeIssuer(_client, accounts, [dns], new OrderJournal(files), new IssuerChoices(), AcmePatience.Usual, _time, NullLogger.Instance);
        _challenges.Changed += () => _overlaySizes.Add(_challenges.Current.Overlay.Length);
        _server.Now = _time.GetUtcNow;
    }

    [Fact]
    public async Task A_certificate_is_obtained_with_all_names_in_the_SAN_and_a_key_that_is_not_the_accounts()
    {
        var issued = await IssueAsync();
        using var leaf = X509Certificate2.CreateFromPem(issued.ChainPem, issued.KeyPem);
        Assert.Equal(Names, leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single().EnumerateDnsNames().Order());
        Assert.Equal("", Assert.Single(_server.SigningRequests).SubjectName.Name);
        Assert.NotEqual(File.ReadAllText(Path.Combine(_folder.Path, "account.key")), issued.KeyPem);
        Assert.Equal(2, issued.ChainPem.Split("BEGIN CERTIFICATE").Length - 1);
    }

    [Fact]
    public async Task Both_challenges_of_a_wildcard_stand_at_one_name_at_once_and_are_taken_away()
    {
        await IssueAsync();
        Assert.Equal([2, 0], _overlaySizes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    public async Task A_refused_nonce_is_tried_again(int times)
    {
        FailFirst("POST /order", times, () => _server.Problem(HttpStatusCode.BadRequest, "badNonce"));
        await IssueAsync();
        Assert.Equal(times, _time.Waits.Count(wait => wait == TimeSpan.FromMilliseconds(250)));
    }

    [Fact]
    public async Task A_CA_that_refuses_every_nonce_is_given_up_after_twenty()
    {
        FailFirst("POST /order", int.MaxValue, () => _server.Problem(HttpStatusCode.BadRequest, "badNonce"));
        var refused = await Assert.ThrowsAsync<AcmeException>(() => IssueAsync());
        Assert.True(refused.Problem.Is("badNonce"));
        Assert.Equal(20, _server.Requests.Count(line => line == "POST /order"));
    }

    [Theory]
    [InlineData(7, 7.0)]
    [InlineData(0, 1.0)]
    public async Task A_busy_CA_is_asked_again_when_it_said(int retryAfter, double waited)
    {
        FailFirst("POST /order", 1, () => Busy(new RetryConditionHeaderValue(TimeSpan.FromSeconds(retryAfter))));
        await IssueAsync();
        Assert.Contains(TimeSpan.FromSeconds(waited), _time.Waits);
    }

    [Fact]
    public async Task A_date_in_the_past_means_almost_at_once()
    {
        FailFirst("POST /order", 1, () => Busy(new RetryConditionHeaderValue(_time.GetUtcNow().AddDays(-1))));
        await IssueAsync();
        Assert.Contains(TimeSpan.FromSeconds(1), _time.Waits);
    }

    [Fact]
    public async Task A_long_wait_is_handed_to_the_loop()
    {
        FailFirst("POST /order", 1, () => Busy(new RetryConditionHeaderValue(TimeSpan.FromHours(1))));
        var refused = await Assert.ThrowsAsync<AcmeException>(() => IssueAsync());
        Assert.Equal(TimeSpan.FromHours(1), refused.RetryAfter);
        Assert.Single(_server.Requests, "POST /order");
    }

    [Theory]
    [InlineData("HEAD /nonce")]
    [InlineData("POST /account")]
    [InlineData("POST /order")]
    [InlineData("POST /finalize/0")]
    [InlineData("POST /certificate/0")]
    public async Task A_lost_connection_is_tried_again_with_another_signature(string line)
    {
        FailFirst(line, 2, () => throw new HttpRequestException("connection reset"));
        await IssueAsync();
    }

    [Fact]
    public async Task A_CA_that_is_down_ends_the_attempt_as_such()
    {
        FailFirst("GET /dir", int.MaxValue, () => throw new HttpRequestException("connection refused"));
        await Assert.ThrowsAsync<HttpRequestException>(() => IssueAsync());
        Assert.Equal(3, _server.Requests.Count);
    }

    [Fact]
    public async Task An_order_that_is_not_ready_is_looked_at_and_finalized_later()
    {
        FailFirst("POST /finalize/0", 1, () => _server.Problem(HttpStatusCode.Forbidden, "orderNotReady"));
        await IssueAsync();
        Assert.Single(_server.Orders);
    }

    [Fact]
    public async Task A_CA_that_takes_its_time_is_waited_for_as_it_asks()
    {
        _server.ProcessingLooks = 5;
        await IssueAsync();
        Assert.True(_time.Waits.Count(wait => wait == TimeSpan.FromSeconds(3)) >= 5);
    }

    [Fact]
    public async Task A_CA_that_never_finishes_is_left_to_the_next_attempt()
    {
        _server.ProcessingLooks = int.MaxValue;
        var failed = await Assert.ThrowsAsync<AcmeException>(() => IssueAsync());
        Assert.Contains("still processing", failed.Message);
    }

    [Fact]
    public async Task Names_that_are_proven_already_need_no_challenge()
    {
        _server.Offer.NewAuthorization = "valid";
        await IssueAsync();
        Assert.Empty(_overlaySizes);
        Assert.DoesNotContain(_server.Requests, line => line.Contains("challenge"));
    }

    [Fact]
    public async Task A_name_that_is_refused_ends_the_order_with_the_CAs_words_and_gives_the_rest_back()
    {
        _server.Validate = name => name != "bad.example.com";
        FailFirst("POST /challenge/0/1/dns-01", 1, () => throw new HttpRequestException("lost"));
        FailFirst("POST /challenge/0/1/dns-01", int.MaxValue, () => _server.Problem(HttpStatusCode.BadRequest, "malformed"));
        var refused = await Assert.ThrowsAsync<AcmeException>(() => _issuer.IssueAsync(new IssuanceRequest(["bad.example.com", "good.example.com"]), TestContext.Current.CancellationToken));
        Assert.True(refused.Problem.Is("malformed"));
        Assert.Equal(["invalid", "deactivated"], _server.Orders[0].Authorizations);
        Assert.Empty(_challenges.Current.Overlay);

        _server.Script = _ => null;
        refused = await Assert.ThrowsAsync<AcmeException>(() => _issuer.IssueAsync(new IssuanceRequest(["bad.example.com", "good.example.com"]), TestContext.Current.CancellationToken));
        Assert.Equal("bad.example.com: unauthorized: Incorrect TXT record", refused.Message);
        Assert.Empty(_challenges.Current.Overlay);
    }

    [Fact]
    public async Task A_CA_is_not_asked_to_look_before_our_own_server_answers()
    {
        _whyNotServed = record => $"nothing at {record.Owner}";
        var failed = await Assert.ThrowsAsync<IssuanceException>(() => IssueAsync());
        Assert.Equal("nothing at _acme-challenge.nas.example.com.", failed.Message);
        Assert.DoesNotContain(_server.Requests, line => line.Contains("challenge"));
        Assert.All(_server.Orders[0].Authorizations, status => Assert.Equal("deactivated", status));
        Assert.Empty(_challenges.Current.Overlay);
    }

    [Fact]
    public async Task A_CA_that_forgot_the_account_gets_it_again_with_the_same_key()
    {
        await IssueAsync();
        var key = File.ReadAllText(Path.Combine(_folder.Path, "account.key"));
        _server.Forget();
        await IssueAsync();
        Assert.Equal(2, _server.Requests.Count(line => line == "POST /account"));
        Assert.Equal(key, File.ReadAllText(Path.Combine(_folder.Path, "account.key")));
        Assert.Contains(_client.Account!.OriginalString, File.ReadAllText(Path.Combine(_folder.Path, "account.json")));
    }

    [Fact]
    public async Task A_second_run_uses_the_account_of_the_first()
    {
        await IssueAsync();
        var files = new AcmeFolder(_folder.Path);
        var client = new AcmeClient(FakeAcmeServer.Directory, AcmeAccounts.OpenKey(files), new HttpClient(_server), _time);
        var accounts = new AcmeAccounts(files, client, new AccountRequest(["mailto:me@example.com"]), _time, NullLogger.Instance);
        Assert.Equal(_client.Account, await accounts.EnsureAsync(TestContext.Current.CancellationToken));
        Assert.Single(_server.Requests, "POST /account");
    }

    [Fact]
    public async Task A_certificate_that_has_expired_by_our_clock_is_not_taken()
    {
        _server.Now = () => _time.GetUtcNow().AddDays(-100);
        var failed = await Assert.ThrowsAsync<IssuanceException>(() => IssueAsync());
        Assert.Contains("check the clock", failed.Message);
    }

    public void Dispose()
    {
        Assert.Empty(_server.Violations);
        _folder.Dispose();
    }

    private Task<IssuedCertificate> IssueAsync() => _issuer.IssueAsync(new IssuanceRequest(Names), TestContext.Current.CancellationToken);

    private void FailFirst(string line, int times, Func<HttpResponseMessage> answer)
    {
        var before = _server.Script;
        _server.Script = asked => before(asked) ?? (asked == line && times-- > 0 ? answer() : null);
    }

    private HttpResponseMessage Busy(RetryConditionHeaderValue retryAfter)
    {
        var response = _server.Problem(HttpStatusCode.ServiceUnavailable, "rateLimited", "busy");
        response.Headers.RetryAfter = retryAfter;
        return response;
    }
}
