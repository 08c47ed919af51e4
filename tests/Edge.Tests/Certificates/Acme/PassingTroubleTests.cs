using System.Net;
using System.Net.Http.Headers;
using Edge.Acme;
using Edge.Certificates;
using Xunit;

namespace Edge.Tests.Certificates.Acme;

/// <summary>What passes by itself costs no order: the next attempt goes on with the same one, its key and its certificate.</summary>
public sealed class PassingTroubleTests : IDisposable
{
    private readonly TestIssuer _ca = new();

    public static TheoryData<string, int, string> Troubles
    {
        get
        {
            var troubles = new TheoryData<string, int, string>();
            foreach (var line in (string[])["POST /authz/0/0", "POST /finalize/0", "POST /orders/0", "POST /certificate/0"])
            {
                troubles.Add(line, 200, "<html>We are improving our service</html>");
                troubles.Add(line, 429, "<html>Too many requests</html>");
                troubles.Add(line, 408, "<html>Too slow</html>");
                troubles.Add(line, 503, "<html>Back soon</html>");
                troubles.Add(line, 400, """{"type":"urn:ietf:params:acme:error:badNonce","detail":"stale"}""");
            }

            return troubles;
        }
    }

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task The_next_attempt_goes_on_with_the_same_order(string line, int status, string body)
    {
        _ca.Server.ProcessingLooks = 1;
        _ca.Server.Script = asked => asked != line ? null : Raw((HttpStatusCode)status, body, body[0] == '{' ? "application/problem+json" : "text/html");
        await Assert.ThrowsAnyAsync<Exception>(IssueAsync);
        _ca.Server.Script = _ => null;
        await IssueAsync();
        Assert.Single(_ca.Server.Orders);
        Assert.Equal("valid", _ca.Server.Orders[0].Status);
        Assert.Empty(_ca.Server.Violations);
    }

    [Fact]
    public async Task A_name_the_CA_takes_long_to_decide_about_is_come_back_to_when_it_said()
    {
        _ca.Server.Script = line =>
        {
            if (line != "POST /authz/0/0" || _ca.Server.Orders[0].Answered[0] is null)
            {
                return null;
            }

            var pending = Raw(HttpStatusCode.OK, """{"status":"pending","identifier":{"type":"dns","value":"nas.example.com"},"challenges":[{"type":"dns-01","status":"processing","token":"t","url":"https://ca.test/challenge/0/0/dns-01"}]}""", "application/json");
            pending.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromMinutes(10));
            return pending;
        };
        Assert.Equal(TimeSpan.FromMinutes(10), (await Assert.ThrowsAsync<AcmeException>(IssueAsync)).RetryAfter);
        _ca.Server.Script = _ => null;
        await IssueAsync();
        Assert.Single(_ca.Server.Orders);
        Assert.Equal("valid", _ca.Server.Orders[0].Authorizations[0]);
    }

    /// <summary>RFC 8555 §8.2: a challenge that is sent again is looked at again.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_challenge_that_the_CA_lost_sight_of_is_sent_again_by_the_next_attempt(bool taken)
    {
        var pushes = 0;
        _ca.Server.Script = line => line switch
        {
            "POST /challenge/0/0/dns-01" when ++pushes == 1 => Raw(HttpStatusCode.OK, "{}", "application/json"),
            "POST /challenge/0/0/dns-01" when !taken && Decide() => Raw(HttpStatusCode.BadRequest, """{"type":"urn:ietf:params:acme:error:malformed","detail":"it is processing"}""", "application/problem+json"),
            "POST /authz/0/0" when pushes == 1 => Raw(HttpStatusCode.OK, """{"status":"pending","identifier":{"type":"dns","value":"nas.example.com"},"challenges":[{"type":"dns-01","status":"processing","token":"t","url":"https://ca.test/challenge/0/0/dns-01"}]}""", "application/json"),
            _ => null,
        };
        await Assert.ThrowsAsync<AcmeException>(IssueAsync);
        await IssueAsync();
        Assert.Single(_ca.Server.Orders);

        bool Decide()
        {
            _ca.Server.Orders[0].Authorizations[0] = "valid";
            return true;
        }
    }

    /// <summary>A resolver that is away says nothing of the names, and nothing of the order.</summary>
    [Fact]
    public async Task While_nobody_can_say_where_an_alias_leads_the_order_is_kept()
    {
        var away = true;
        _ca.With(new DnsSolver(ChallengeType.Dns01, _ca.Challenges, (owner, _) => away ? throw new IssuanceException("nobody can say") { Passes = true } : ValueTask.FromResult(owner), _ => null));
        Assert.True((await Assert.ThrowsAsync<IssuanceException>(IssueAsync)).Passes);
        away = false;
        await IssueAsync();
        Assert.Single(_ca.Server.Orders);
    }

    [Fact]
    public async Task A_CA_that_is_busy_with_nonces_is_waited_for_as_it_asks()
    {
        var busy = true;
        _ca.Server.Script = line => line == "HEAD /nonce" && busy && !(busy = false) ? Busy(TimeSpan.FromSeconds(7)) : null;
        await IssueAsync();
        Assert.Contains(TimeSpan.FromSeconds(7), _ca.Time.Waits);
    }

    [Fact]
    public async Task A_CA_that_gives_no_nonces_for_long_is_left_to_the_loop()
    {
        _ca.Server.Script = line => line == "HEAD /nonce" ? Busy(TimeSpan.FromHours(1)) : null;
        Assert.Equal(TimeSpan.FromHours(1), (await Assert.ThrowsAsync<AcmeException>(IssueAsync)).RetryAfter);
    }

    [Fact]
    public async Task A_door_for_nonces_that_moved_is_looked_for_in_the_directory()
    {
        var issuer = _ca.Start();
        _ca.Server.Script = line => line == "HEAD /nonce" ? Raw(HttpStatusCode.NotFound, "", "text/plain") : null;
        await Assert.ThrowsAsync<AcmeException>(() => IssueAsync(issuer));
        _ca.Server.Script = _ => null;
        await IssueAsync(issuer);
        Assert.Equal(2, _ca.Server.Requests.Count(line => line == "GET /dir"));
    }

    public void Dispose() => _ca.Dispose();

    private Task<IssuedCertificate> IssueAsync() => IssueAsync(_ca.Start());

    private static Task<IssuedCertificate> IssueAsync(AcmeIssuer issuer) => issuer.IssueAsync(new IssuanceRequest(["nas.example.com"]), TestContext.Current.CancellationToken);

    private static HttpResponseMessage Busy(TimeSpan wait)
    {
        var busy = new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
        busy.Headers.RetryAfter = new RetryConditionHeaderValue(wait);
        return busy;
    }

    private static HttpResponseMessage Raw(HttpStatusCode status, string body, string type)
    {
        var response = new HttpResponseMessage(status) { Content = new StringContent(body) };
        response.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        return response;
    }
}
