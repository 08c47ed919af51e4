using System.Net;
using System.Text.Json;
using Edge.Gateway;
using Edge.Services;
using Edge.Tests.Certificates;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Edge.Tests.Gateway;

/// <summary>What the gateway says itself: redirects and error pages.</summary>
public sealed class AnswersTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, "http://photos.example.com/a%20b?q=%2F&x", "/a%20b?q=%2F&x")]
    [InlineData(443, "http://photos.example.com/", "/")]
    [InlineData(443, "http://photos.example.com/a%2541/b%2Fc%252F", "/a%2541/b%2Fc%252F")]
    [InlineData(443, "http://photos.example.com/a%2541/..%2Fb", "/a%2541/..%252Fb")]
    [InlineData(9443, "http://photos.example.com:8080/p", "/p")]
    public async Task Plain_HTTP_redirects_to_HTTPS_with_host_path_and_query(int? publicPort, string asked, string path)
    {
        await using var gateway = await RunningGateway.StartAsync(options: new GatewayOptions { Http = [new(IPAddress.Loopback, 0)], Https = [new(IPAddress.Loopback, 0)], HttpsPort = publicPort });
        using var handler = gateway.Handler();
        handler.ConnectCallback = async (_, cancel) =>
        {
            var socket = new System.Net.Sockets.TcpClient();
            await socket.ConnectAsync(IPAddress.Loopback, gateway.Http, cancel);
            return socket.GetStream();
        };
        using var client = new HttpClient(handler);
        using var response = await client.GetAsync(asked, Cancel);

        Assert.Equal(HttpStatusCode.PermanentRedirect, response.StatusCode);
        var port = publicPort switch { 443 => "", null => $":{gateway.Https}", var other => $":{other}" };
        Assert.Equal($"https://photos.example.com{port}{path}", response.Headers.Location!.OriginalString);
        Assert.NotEmpty(response.Headers.GetValues("X-Request-Id"));
    }

    [Theory]
    [InlineData("text/html,application/xhtml+xml,*/*;q=0.8", "text/html")]
    [InlineData("application/json", "application/problem+json")]
    [InlineData("application/problem+json", "application/problem+json")]
    [InlineData("*/*", "text/plain")]
    [InlineData(null, "text/plain")]
    public async Task An_unknown_host_gets_a_404_in_the_form_that_was_asked_for(string? accept, string type)
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var response = await gateway.GetAsync("https://nobody.example.com/", accept: accept);
        var body = await response.Content.ReadAsStringAsync(Cancel);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType!.MediaType);
        Assert.Contains("nobody.example.com", body);
        Assert.Contains("proxy-routes/", body);
        Assert.Contains(Assert.Single(response.Headers.GetValues("X-Request-Id")), body);
        Assert.DoesNotContain("http://www", body);
        if (type.EndsWith("json", StringComparison.Ordinal))
        {
            Assert.Equal(404, JsonDocument.Parse(body).RootElement.GetProperty("status").GetInt32());
        }
    }

    [Theory]
    [InlineData("nobody.example.com:8443", "nobody.example.com")]
    [InlineData("Nobody.example.com.", "nobody.example.com")]
    [InlineData("[2001:db8::1]:8443", "[2001:db8::1]")]
    [InlineData(":8443", "that name")]
    public void A_page_names_the_host_without_the_port_of_the_request(string header, string named)
    {
        var page = GatewayPages.UnknownHost(header);

        Assert.Equal($"There is no service named {named} here", page.Title);
        Assert.Contains($"    host: {named}\n", page.Hint);
    }

    [Fact]
    public async Task A_host_that_is_markup_stays_text()
    {
        var page = GatewayPages.UnknownHost("<script>alert(1)</script>");
        var context = new DefaultHttpContext { TraceIdentifier = "\"><b>" };
        context.Request.Headers.Accept = "text/html";
        var body = new MemoryStream();
        context.Response.Body = body;
        await page.WriteAsync(context);
        var html = System.Text.Encoding.UTF8.GetString(body.ToArray());

        Assert.DoesNotContain("<script>", html);
        Assert.DoesNotContain("<b>", html);
        Assert.Contains("&lt;script&gt;", html);
    }

    [Fact]
    public async Task HEAD_gets_the_headers_of_the_page_and_no_body()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var response = await gateway.GetAsync("https://nobody.example.com/", method: HttpMethod.Head);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.True(response.Content.Headers.ContentLength > 0);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Fact]
    public async Task A_dead_destination_gets_a_502_with_a_request_id_and_without_its_address()
    {
        var port = Backend.DeadPort();
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Serve(RunningGateway.Service("dead", $"http://127.0.0.1:{port}"));
        using var response = await gateway.GetAsync("https://dead.example.com/a%0Ab?token=secret", accept: "text/html");
        var body = await response.Content.ReadAsStringAsync(Cancel);

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Contains("dead.example.com", body);
        Assert.Contains(Assert.Single(response.Headers.GetValues("X-Request-Id")), System.Net.WebUtility.HtmlDecode(body));
        Assert.DoesNotContain($"{port}", body);
        var destination = Assert.Single(RouteReport.Of(Assert.Single(gateway.Routes.Current.ForHost("dead.example.com"))).Destinations);
        Assert.Equal(("unhealthy", true), (destination.Health, destination.InUse));
        var told = Assert.Single(gateway.Logged, line => line.StartsWith("Information 5000 502 for GET dead.example.com/a%0Ab: route service:dead failed with Request: ", StringComparison.Ordinal));
        Assert.Equal(2, told.Split("Connection refused").Length);
        Assert.Contains($"(request {response.Headers.GetValues("X-Request-Id").Single()})", told);
        Assert.DoesNotContain("secret", told);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task An_answer_that_breaks_off_midway_is_told_in_one_line(int http)
    {
        var halfIsRead = new TaskCompletionSource();
        await using var backend = await Backend.StartAsync(async context =>
        {
            await context.Response.WriteAsync("the first half");
            await context.Response.Body.FlushAsync();
            if (context.Request.Path == "/dies")
            {
                await halfIsRead.Task;
                context.Abort();
                return;
            }

            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Serve(RunningGateway.Service("half", backend.Uri));
        using var client = gateway.Client(new Version(http, http == 1 ? 1 : 0));

        // A client that goes away itself is nobody's failure.
        using (var left = await client.GetAsync("https://half.example.com/stays", HttpCompletionOption.ResponseHeadersRead, Cancel))
        {
            Assert.Equal(HttpStatusCode.OK, left.StatusCode);
        }

        using var response = await client.GetAsync("https://half.example.com/dies?token=secret", HttpCompletionOption.ResponseHeadersRead, Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        halfIsRead.SetResult();
        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsStringAsync(Cancel));

        await Eventually.TrueAsync(() => gateway.Logged.Any(line => line.Contains("broke off", StringComparison.Ordinal)), () => string.Join('\n', gateway.Logged));
        var told = Assert.Single(gateway.Logged, line => line.Contains("half.example.com", StringComparison.Ordinal));
        Assert.StartsWith("Information 5003 GET half.example.com/dies: the answer of route service:half broke off with ResponseBodyDestination: ", told);
        Assert.Contains($"(request {response.Headers.GetValues("X-Request-Id").Single()})", told);
    }

    [Fact]
    public async Task A_destination_that_takes_too_long_gets_a_504()
    {
        await using var backend = await Backend.StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeFile("slow.yaml", $$"""
            Routes: { slow: { ClusterId: slow, Match: { Hosts: [slow.example.com] } } }
            Clusters: { slow: { HttpRequest: { ActivityTimeout: 200ms }, Destinations: { one: { Address: "{{backend.Uri}}" } } } }
            """);
        using var response = await gateway.GetAsync("https://slow.example.com/");

        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Contains("took too long", await response.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task An_error_of_the_service_itself_passes_untouched()
    {
        await using var backend = await Backend.StartAsync(context =>
        {
            context.Response.StatusCode = 502;
            return context.Response.WriteAsync("my own 502");
        });
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Serve(RunningGateway.Service("own", backend.Uri));

        Assert.Equal("my own 502", await gateway.TextAsync("https://own.example.com/"));
    }

    [Theory]
    [InlineData(true, HttpStatusCode.OK)]
    [InlineData(false, HttpStatusCode.NotFound)]
    public async Task A_service_for_the_LAN_does_not_exist_for_anybody_else(bool isLan, HttpStatusCode expected)
    {
        await using var backend = await Backend.SayingAsync("private");
        await using var gateway = await RunningGateway.StartAsync(_ => isLan);
        gateway.Serve(RunningGateway.Service("private", backend.Uri) with { Expose = Exposure.Lan });
        using var known = await gateway.GetAsync("https://private.example.com/");
        using var unknown = await gateway.GetAsync("https://unknown.example.com/");

        Assert.Equal(expected, known.StatusCode);
        if (!isLan)
        {
            var (one, two) = (await known.Content.ReadAsStringAsync(Cancel), await unknown.Content.ReadAsStringAsync(Cancel));
            Assert.Equal(Neutral(two, unknown, "unknown"), Neutral(one, known, "private"));
        }
    }

    private static string Neutral(string body, HttpResponseMessage response, string name) =>
        body.Replace(response.Headers.GetValues("X-Request-Id").Single(), "ID").Replace(name, "NAME");
}
