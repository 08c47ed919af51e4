using System.Net;
using System.Text;
using Xunit;

namespace Edge.Tests.Services;

/// <summary>Compare and set (RFC 9110, section 13): who changes a registration can say which one he means.</summary>
public sealed class RegistrationConditionTests : IAsyncLifetime
{
    private RegistrationHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await RegistrationHost.StartAsync();
        _host.Token = await _host.NewTokenAsync("laptop");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("If-Match: TAG", 200)]
    [InlineData("If-Match: *", 200)]
    [InlineData("If-Match: \"0\", TAG", 200)]
    [InlineData("If-Match: \"0\"", 412)]
    [InlineData("If-Match: W/TAG", 412)]
    [InlineData("If-None-Match: *", 412)]
    [InlineData("If-None-Match: TAG", 412)]
    [InlineData("If-None-Match: W/TAG", 412)]
    [InlineData("If-None-Match: \"0\"", 200)]
    [InlineData("If-Match: 42", 400)]
    [InlineData("If-None-Match: \"", 400)]
    public async Task Of_one_that_is_there(string header, int status)
    {
        var tag = await TagAsync();
        var before = _host.Catalog.Current;
        Assert.Equal(status, (int)(await SendAsync(HttpMethod.Put, """{"to":"http://other"}""", header.Replace("TAG", tag, StringComparison.Ordinal))).StatusCode);
        Assert.Equal(status == 200, !ReferenceEquals(before, _host.Catalog.Current));
    }

    [Theory]
    [InlineData("If-None-Match: *", 201)]
    [InlineData("If-None-Match: \"7\"", 201)]
    [InlineData("If-Match: *", 412)]
    [InlineData("If-Match: \"7\"", 412)]
    public async Task Of_one_that_is_not(string header, int status) =>
        Assert.Equal(status, (int)(await SendAsync(HttpMethod.Put, """{"to":"http://h"}""", header)).StatusCode);

    [Fact]
    public async Task The_tag_stays_with_renewals_and_with_the_same_said_again_and_changes_with_each_change()
    {
        var tag = await TagAsync();
        Assert.Equal(tag, (await SendAsync(HttpMethod.Post, null)).Headers.ETag!.ToString());
        Assert.Equal(tag, (await SendAsync(HttpMethod.Get, null)).Headers.ETag!.ToString());
        Assert.Equal(tag, (await SendAsync(HttpMethod.Put, """{"to":"http://h"}""", $"If-Match: {tag}")).Headers.ETag!.ToString());
        var changed = await SendAsync(HttpMethod.Put, """{"to":"http://other"}""", $"If-Match: {tag}");
        Assert.NotEqual(tag, changed.Headers.ETag!.ToString());
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await SendAsync(HttpMethod.Put, """{"to":"http://late"}""", $"If-Match: {tag}")).StatusCode);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await SendAsync(HttpMethod.Post, null, $"If-Match: {tag}")).StatusCode);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await SendAsync(HttpMethod.Delete, null, $"If-Match: {tag}")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(HttpMethod.Delete, null, $"If-Match: {changed.Headers.ETag}")).StatusCode);
    }

    [Fact]
    public async Task Of_many_who_change_the_same_one_gets_through_each_time()
    {
        await TagAsync();
        for (var round = 0; round < 5; round++)
        {
            var tag = (await SendAsync(HttpMethod.Get, null)).Headers.ETag!;
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(one => SendAsync(HttpMethod.Put, $$"""{"to":"http://h{{round}}x{{one}}"}""", $"If-Match: {tag}")));
            Assert.Equal([HttpStatusCode.OK, .. Enumerable.Repeat(HttpStatusCode.PreconditionFailed, 7)], answers.Select(answer => answer.StatusCode).Order());
        }
    }

    [Fact]
    public async Task What_is_refused_anyway_is_refused_for_its_own_reason()
    {
        var tag = await TagAsync();
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await SendAsync(HttpMethod.Put, """{"to":"nonsense"}""", "If-Match: \"0\"")).StatusCode);
        _host.Token = await _host.NewTokenAsync("other");
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(HttpMethod.Delete, null, $"If-Match: {tag}")).StatusCode);
    }

    private async Task<string> TagAsync()
    {
        await _host.PutAsync("hello", """{"to":"http://h"}""");
        return (await SendAsync(HttpMethod.Get, null)).Headers.ETag!.ToString();
    }

    private Task<HttpResponseMessage> SendAsync(HttpMethod method, string? body, params string[] headers) =>
        _host.AnswerAsync(method, "/v1/services/hello" + (method == HttpMethod.Post ? "/renew" : ""), null, body is null ? null : new StringContent(body, Encoding.UTF8, "application/json"), headers);
}
