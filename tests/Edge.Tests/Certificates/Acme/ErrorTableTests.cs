using System.Net;
using System.Net.Http.Headers;
using Edge.Acme;
using Xunit;

namespace Edge.Tests.Certificates.Acme;

/// <summary>Every way in which a CA says no (RFC 8555 §6.7, RFC 9773 §7.4), and what follows from it within one attempt.</summary>
public sealed class ErrorTableTests : IDisposable
{
    private static readonly string[] OneName = ["nas.example.com"];

    private readonly TestIssuer _ca = new();

    /// <summary>What passes by itself is tried again at once, and the certificate comes.</summary>
    [Theory]
    [InlineData("POST /order", 400, "badNonce", 1)]
    [InlineData("POST /order", 400, "badNonce", 9)]
    [InlineData("POST /finalize/0", 400, "badNonce", 3)]
    [InlineData("POST /order", 500, "serverInternal", 1)]
    [InlineData("POST /order", 500, "serverInternal", 2)]
    [InlineData("POST /authz/0/0", 503, "serverInternal", 2)]
    [InlineData("GET /dir", 502, "serverInternal", 2)]
    [InlineData("HEAD /nonce", 503, "serverInternal", 0)]
    [InlineData("POST /order", 429, "rateLimited", 1)]
    [InlineData("POST /finalize/0", 403, "orderNotReady", 1)]
    [InlineData("POST /order", 400, "accountDoesNotExist", 1)]
    public async Task What_passes_is_tried_again(string line, int status, string error, int times)
    {
        FailFirst(line, times, () => _ca.Server.Problem((HttpStatusCode)status, error));
        await IssueAsync();
        Assert.Single(_ca.Server.Orders, order => order.Finalized);
        Assert.Empty(_ca.Server.Violations);
    }

    /// <summary>What does not pass is told with the CA's words, after one order, and nothing stays pending or shown.</summary>
    [Theory]
    [InlineData(403, "rejectedIdentifier", "not this one")]
    [InlineData(400, "unsupportedIdentifier", "no such type")]
    [InlineData(403, "caa", "CAA forbids")]
    [InlineData(403, "userActionRequired", "agree to the new terms")]
    [InlineData(403, "unauthorized", "no")]
    [InlineData(400, "malformed", "what?")]
    [InlineData(400, "invalidContact", "no such mail")]
    [InlineData(400, "unsupportedContact", "only mail")]
    [InlineData(400, "badCSR", "weak")]
    [InlineData(400, "badPublicKey", "weak")]
    [InlineData(400, "badSignatureAlgorithm", "ES256?")]
    [InlineData(400, "invalidProfile", "none such")]
    [InlineData(418, "somethingNobodyHeardOf", "tea")]
    public async Task What_does_not_pass_is_told(int status, string error, string detail)
    {
        FailFirst("POST /order", int.MaxValue, () => _ca.Server.Problem((HttpStatusCode)status, error, detail));
        var refused = await Assert.ThrowsAsync<AcmeException>(IssueAsync);
        Assert.True(refused.Problem.Is(error));
        Assert.Contains(detail, refused.Message);
        Assert.Equal(1, _ca.Server.Requests.Count(line => line == "POST /order"));
        Assert.Empty(_ca.Challenges.Current.Overlay);
    }

    /// <summary>What a challenge failed with, and whether another way is tried for it.</summary>
    [Theory]
    [InlineData("connection", true)]
    [InlineData("dns", true)]
    [InlineData("tls", true)]
    [InlineData("unauthorized", true)]
    [InlineData("serverInternal", true)]
    [InlineData("caa", false)]
    [InlineData("rejectedIdentifier", false)]
    [InlineData("incorrectResponse", false)]
    [InlineData("dnssec", false)]
    public async Task A_failed_challenge_is_tried_another_way_where_that_may_help(string error, bool another)
    {
        var http = new HttpChallenges();
        _ca.With(new Edge.Certificates.DnsSolver(ChallengeType.Dns01, _ca.Challenges, (owner, _) => ValueTask.FromResult(owner), _ => null), http);
        _ca.Server.Offer.Challenges = ["http-01", "dns-01"];
        _ca.Server.Offer.Error = $$"""{"type":"urn:ietf:params:acme:error:{{error}}","detail":"why"}""";
        _ca.Server.ValidateBy = type => type == "http-01";
        if (another)
        {
            await IssueAsync();
            Assert.Equal(["dns-01", "http-01"], _ca.Server.Orders.Select(order => order.Answered[0]));
        }
        else
        {
            Assert.True((await Assert.ThrowsAsync<AcmeException>(IssueAsync)).Problem.Is(error));
            Assert.Single(_ca.Server.Orders);
        }

        Assert.True(http.IsIdle);
        Assert.Empty(_ca.Challenges.Current.Overlay);
    }

    [Theory]
    [InlineData("""{"type":"urn:ietf:params:acme:error:compound","detail":"several","subproblems":[{"type":"urn:ietf:params:acme:error:caa","detail":"forbids","identifier":{"type":"dns","value":"a.example.com"}}]}""", "compound: several [a.example.com: caa: forbids]")]
    [InlineData("""{"type":"urn:ietf:params:acme:error:rateLimited","detail":"Your account is temporarily prevented from requesting certificates for nas.example.com. Please visit: https://portal.example/unpause?jwt=x"}""", "https://portal.example/unpause?jwt=x")]
    [InlineData("""{"type":"urn:ietf:params:acme:error:userActionRequired","detail":"Terms of service have changed","instance":"https://ca.test/terms/2"}""", "(see https://ca.test/terms/2)")]
    [InlineData("""{"detail":7,"subproblems":"none"}""", "no reason given")]
    [InlineData("""[]""", "no reason given")]
    [InlineData("""{"type":""", "a problem document that is not JSON")]
    public async Task Whatever_a_problem_document_is_like_a_person_can_read_it(string body, string words)
    {
        FailFirst("POST /order", int.MaxValue, () => Raw(HttpStatusCode.Forbidden, body, "application/problem+json"));
        Assert.Contains(words, (await Assert.ThrowsAsync<AcmeException>(IssueAsync)).Message);
    }

    [Theory]
    [InlineData("<html>gateway</html>", "text/html", "HTTP 403")]
    [InlineData("", "text/plain", "HTTP 403")]
    public async Task An_answer_that_is_no_problem_document_is_told_by_its_status(string body, string type, string words)
    {
        FailFirst("POST /order", int.MaxValue, () => Raw(HttpStatusCode.Forbidden, body, type));
        Assert.Contains(words, (await Assert.ThrowsAsync<AcmeException>(IssueAsync)).Message);
    }

    [Theory]
    [InlineData("GET /dir", "[1,2]")]
    [InlineData("GET /dir", """{"newNonce":"https://ca.test/nonce"}""")]
    [InlineData("POST /order", "not JSON")]
    [InlineData("POST /order", """{"status":"pending"}""")]
    [InlineData("POST /certificate/0", "-----BEGIN RUBBISH-----")]
    public async Task A_success_that_is_none_ends_the_attempt_and_nothing_else(string line, string body)
    {
        FailFirst(line, int.MaxValue, () => Raw(HttpStatusCode.OK, body, "application/json"));
        var failure = await Assert.ThrowsAnyAsync<Exception>(IssueAsync);
        Assert.True(failure is AcmeException or IssuanceException, failure.ToString());
        Assert.Empty(_ca.Challenges.Current.Overlay);
    }

    [Fact]
    public async Task A_CA_that_limits_for_long_is_not_waited_for_within_the_attempt()
    {
        FailFirst("POST /order", 1, () =>
        {
            var busy = _ca.Server.Problem(HttpStatusCode.TooManyRequests, "rateLimited", "too many");
            busy.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromHours(34));
            return busy;
        });
        Assert.Equal(TimeSpan.FromHours(34), (await Assert.ThrowsAsync<AcmeException>(IssueAsync)).RetryAfter);
    }

    [Fact]
    public async Task A_CA_that_forgets_every_account_at_once_is_left_to_the_ladder()
    {
        FailFirst("POST /order", int.MaxValue, () => _ca.Server.Problem(HttpStatusCode.BadRequest, "accountDoesNotExist"));
        Assert.True((await Assert.ThrowsAsync<AcmeException>(IssueAsync)).Problem.Is("accountDoesNotExist"));
        Assert.Equal(2, _ca.Server.Requests.Count(line => line == "POST /order"));
    }

    [Fact]
    public async Task A_door_that_moved_is_looked_for_in_the_directory()
    {
        var issuer = _ca.Start();
        await IssueAsync(issuer);
        issuer.Settle([.. OneName]);
        FailFirst("POST /order", 1, () => Raw(HttpStatusCode.NotFound, "", "text/plain"));
        await Assert.ThrowsAsync<AcmeException>(() => IssueAsync(issuer));
        await IssueAsync(issuer);
        Assert.Equal(2, _ca.Server.Requests.Count(line => line == "GET /dir"));
    }

    [Fact]
    public async Task A_word_nobody_knows_for_a_state_is_looked_at_again()
    {
        var looks = 0;
        _ca.Server.Script = line => line == "POST /authz/0/0" && looks++ < 3
            ? Raw(HttpStatusCode.OK, """{"status":"pondering","identifier":{"type":"dns","value":"nas.example.com"},"challenges":[{"type":"dns-01","status":"pending","token":"token-0-0","url":"https://ca.test/challenge/0/0/dns-01"}]}""", "application/json")
            : null;
        await IssueAsync();
    }

    [Theory]
    [InlineData("alreadyReplaced", 409)]
    [InlineData("malformed", 400)]
    [InlineData("unauthorized", 403)]
    public async Task A_predecessor_the_CA_does_not_take_is_left_out(string error, int status)
    {
        _ca.Server.RenewalInfo = _ => new HttpResponseMessage(HttpStatusCode.NotFound);
        var issuer = _ca.Start();
        var first = await IssueAsync(issuer);
        using var held = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(first.ChainPem);
        issuer.Settle([.. OneName]);
        FailFirst("POST /order", 1, () => _ca.Server.Problem((HttpStatusCode)status, error));
        await issuer.IssueAsync(new IssuanceRequest([.. OneName]) { Held = held }, TestContext.Current.CancellationToken);
        Assert.Equal([null, null], _ca.Server.Orders.Select(order => order.Replaces));
    }

    public void Dispose() => _ca.Dispose();

    private Task<IssuedCertificate> IssueAsync() => IssueAsync(_ca.Start());

    private static Task<IssuedCertificate> IssueAsync(AcmeIssuer issuer) => issuer.IssueAsync(new IssuanceRequest([.. OneName]), TestContext.Current.CancellationToken);

    private void FailFirst(string line, int times, Func<HttpResponseMessage> answer) => _ca.Server.Script = asked => asked == line && times-- > 0 ? answer() : null;

    private static HttpResponseMessage Raw(HttpStatusCode status, string body, string type)
    {
        var response = new HttpResponseMessage(status) { Content = new StringContent(body) };
        response.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        return response;
    }
}
