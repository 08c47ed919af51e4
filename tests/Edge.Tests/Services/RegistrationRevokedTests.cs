using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Xunit;

namespace Edge.Tests.Services;

/// <summary>Who was told that a token is revoked does not see it register, also when its request began before.</summary>
public sealed class RegistrationRevokedTests : IAsyncLifetime
{
    private RegistrationHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await RegistrationHost.StartAsync();
        _host.Token = await _host.NewTokenAsync("laptop");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    // 100 Continue comes when the body is wanted: the token was found valid then.
    [Theory]
    [InlineData("a new one", false, false)]
    [InlineData("a change", true, false)]
    [InlineData("a new one, whose token's name was given again", false, true)]
    public async Task Whose_token_is_revoked_while_the_body_is_on_its_way_is_refused(string why, bool isThere, bool isGivenAgain)
    {
        if (isThere)
        {
            await _host.PutAsync("hello", """{"to":"http://h"}""");
        }

        using var body = new LateContent("""{"to":"http://thief"}""", async () =>
        {
            Assert.True(await _host.Tokens.RevokeAsync("laptop", CancellationToken.None), why);
            if (isGivenAgain)
            {
                await _host.NewTokenAsync("laptop");
            }
        });
        using var answer = await _host.AnswerAsync(HttpMethod.Put, "/v1/services/hello", null, body, "Expect: 100-continue");
        Assert.True(body.IsSent, "the body was not wanted");
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("error=\"invalid_token\"", answer.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        Assert.Contains("Token laptop was revoked", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(isThere ? "h" : null, _host.Catalog.Current.ByName("hello")?.To.Single().Host);
    }

    // A body that comes after something else.
    private sealed class LateContent : HttpContent
    {
        private readonly byte[] _body;
        private readonly Func<Task> _before;

        public LateContent(string body, Func<Task> before)
        {
            (_body, _before) = (Encoding.UTF8.GetBytes(body), before);
            Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        public bool IsSent { get; private set; }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await _before();
            await stream.WriteAsync(_body);
            IsSent = true;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _body.Length;
            return true;
        }
    }
}
