using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Edge.Gateway;
using Edge.Services;
using Edge.Services.Routing;
using Edge.Tests.Certificates;
using Edge.Tests.Whole;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Edge.Tests.Gateway;

/// <summary>Compression, files of a folder, a closed service, and pages of one's own.</summary>
public sealed class OwnAnswerTests : IDisposable
{
    private static readonly string Text = string.Concat(Enumerable.Repeat("hello compressed world\n", 200));

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-files-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("what the client prefers", "true", "text/html", "br, gzip", "", "br")]
    [InlineData("gzip alone", "gzip", "text/html", "br, gzip", "", "gzip")]
    [InlineData("the client wants none", "true", "text/html", "", "", null)]
    [InlineData("a client that refuses", "true", "text/html", "gzip;q=0", "", null)]
    [InlineData("not asked for", "false", "text/html", "br, gzip", "", null)]
    [InlineData("compressed by its nature", "true", "image/jpeg", "br, gzip", "", null)]
    [InlineData("an event stream", "true", "text/event-stream", "br, gzip", "", null)]
    [InlineData("gRPC", "true", "application/grpc", "br, gzip", "", null)]
    [InlineData("not to be transformed", "true", "text/html", "br, gzip", "Cache-Control=no-transform", null)]
    [InlineData("encoded already", "true", "text/html", "br, gzip", "Content-Encoding=zstd", "zstd")]
    public async Task Answers_are_compressed_where_it_gains(string why, string compress, string type, string accept, string header, string? encoding)
    {
        await using var backend = await Backend.StartAsync(context =>
        {
            context.Response.ContentType = type;
            context.Response.Headers.ETag = "\"1\"";
            if (header.Length > 0)
            {
                context.Response.Headers[header.Split('=')[0]] = header.Split('=')[1];
            }

            context.Response.ContentLength = Text.Length;
            return context.Response.WriteAsync(Text);
        });
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  app: {{ to: \"{backend.Uri}\", compress: {compress} }}\n");
        using var response = await AskAsync(gateway, "https://app.example.com/", ("Accept-Encoding", accept));
        Assert.True(encoding == response.Content.Headers.ContentEncoding.SingleOrDefault(), $"{why}: {response.Content.Headers}");
        var bytes = await response.Content.ReadAsByteArrayAsync(RunningGateway.Cancel);
        if (encoding is "br" or "gzip")
        {
            Assert.Contains("Accept-Encoding", response.Headers.Vary);
            Assert.True(response.Headers.ETag!.IsWeak, "other bytes under a strong tag");
            Assert.True(bytes.Length < Text.Length / 4);
            Stream unpacked = encoding == "br" ? new BrotliStream(new MemoryStream(bytes), CompressionMode.Decompress) : new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
            Assert.Equal(Text, await new StreamReader(unpacked).ReadToEndAsync(RunningGateway.Cancel));
        }
        else
        {
            Assert.Equal(Text, Encoding.UTF8.GetString(bytes));
            Assert.False(response.Headers.ETag!.IsWeak);
        }
    }

    // A part of the compressed form would be another part, and a tag of the one names no bytes of the other (RFC 9110 sections 8.8.3.3 and 14).
    [Theory]
    [InlineData("", "", 200, "gzip", 0, 4600)]
    [InlineData("bytes=100-999", "", 206, null, 100, 900)]
    [InlineData("bytes=100-999", "If-Range: \"TAG\"", 206, null, 100, 900)]
    [InlineData("bytes=100-999", "If-Range: W/\"TAG\"", 200, "gzip", 0, 4600)]
    [InlineData("", "If-None-Match: W/\"TAG\"", 304, null, 0, 0)]
    [InlineData("", "If-None-Match: \"TAG\"", 304, null, 0, 0)]
    [InlineData("bytes=9000-", "", 416, null, 0, 0)]
    public async Task Parts_and_tags_of_files_that_are_compressed_otherwise(string range, string condition, int status, string? encoding, int from, int length)
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "long.html"), Text);
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  site: {{ files: \"{_folder.FullName}\", compress: true }}\n");
        using var whole = await AskAsync(gateway, "https://site.example.com/long.html", ("Accept-Encoding", "gzip"));
        Assert.True(whole.Headers.ETag!.IsWeak);
        (string, string)[] headers = [("Accept-Encoding", "gzip"), .. condition.Length == 0 ? [] : new[] { (condition.Split(": ")[0], condition.Split(": ")[1].Replace("\"TAG\"", whole.Headers.ETag.Tag, StringComparison.Ordinal)) }, .. range.Length == 0 ? [] : new[] { ("Range", range) }];
        using var response = await AskAsync(gateway, "https://site.example.com/long.html", headers);
        Assert.Equal((status, encoding), ((int)response.StatusCode, response.Content.Headers.ContentEncoding.SingleOrDefault()));
        Assert.Equal(encoding is not null, response.Headers.ETag is { IsWeak: true });
        await using var body = await response.Content.ReadAsStreamAsync(RunningGateway.Cancel);
        var seen = await new StreamReader(encoding is null ? body : new GZipStream(body, CompressionMode.Decompress)).ReadToEndAsync(RunningGateway.Cancel);
        Assert.Equal(Text.Substring(from, length), seen);
    }

    [Fact]
    public async Task A_compressed_stream_arrives_piece_by_piece()
    {
        var next = new SemaphoreSlim(0);
        await using var backend = await Backend.StartAsync(async context =>
        {
            context.Response.ContentType = "text/plain";
            for (var i = 1; i <= 3; i++)
            {
                await context.Response.WriteAsync($"piece {i}\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await next.WaitAsync(context.RequestAborted);
            }
        });
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  app: {{ to: \"{backend.Uri}\", compress: true }}\n");
        using var client = gateway.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://app.example.com/");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip");
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, RunningGateway.Cancel);
        Assert.Equal("gzip", Assert.Single(response.Content.Headers.ContentEncoding));
        using var lines = new StreamReader(new GZipStream(await response.Content.ReadAsStreamAsync(RunningGateway.Cancel), CompressionMode.Decompress));
        for (var i = 1; i <= 3; i++)
        {
            Assert.Equal($"piece {i}", await lines.ReadLineAsync(RunningGateway.Cancel));
            next.Release();
        }
    }

    [Theory]
    [InlineData("/", 200, "text/html; charset=utf-8", "<p>start</p>")]
    [InlineData("/index.html", 200, "text/html; charset=utf-8", "<p>start</p>")]
    [InlineData("/sub/a%20b.txt", 200, "text/plain; charset=utf-8", "deep")]
    [InlineData("/data.unknown", 200, "application/octet-stream", "?")]
    [InlineData("/inside.txt", 200, "text/plain; charset=utf-8", "deep")]
    [InlineData("/sub/", 404, null, null)]
    [InlineData("/none.txt", 404, null, null)]
    [InlineData("/.hidden", 404, null, null)]
    [InlineData("/.git/config", 404, null, null)]
    [InlineData("/.well-known/security.txt", 200, "text/plain; charset=utf-8", "write to us")]
    [InlineData("/.well-known/.hidden", 404, null, null)]
    [InlineData("/sub/.well-known/x", 404, null, null)]
    [InlineData("/outside.txt", 404, null, null)]
    [InlineData("/out/secret.txt", 404, null, null)]
    [InlineData("/%2e%2e/secret.txt", 404, null, null)]
    [InlineData("/sub/..%2f..%2fsecret.txt", 404, null, null)]
    [InlineData("/sub%5c..%5c..%5csecret.txt", 404, null, null)]
    [InlineData("/a%00b", 400, null, null)]
    [InlineData("/pipe", 404, null, null)]
    public async Task Files_of_a_folder(string path, int status, string? type, string? text)
    {
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  site: {{ files: \"{Site()}\" }}\n");
        Assert.Empty(gateway.Routes.Problems);
        var answer = await CurlAsync(gateway, path);
        Assert.Equal(status, answer.Status);
        if (text is not null)
        {
            Assert.Equal((type, text), (answer.Type, answer.Body));
        }
        else
        {
            Assert.DoesNotContain("secret", answer.Body, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Files_are_asked_for_in_part_and_only_when_changed()
    {
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  site: {{ files: \"{Site()}\" }}\n");
        using var whole = await AskAsync(gateway, "https://site.example.com/sub/a%20b.txt");
        var tag = whole.Headers.ETag!.ToString();
        using var same = await AskAsync(gateway, "https://site.example.com/sub/a%20b.txt", ("If-None-Match", tag));
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        using var part = await AskAsync(gateway, "https://site.example.com/sub/a%20b.txt", ("Range", "bytes=1-2"));
        Assert.Equal((HttpStatusCode.PartialContent, "ee"), (part.StatusCode, await part.Content.ReadAsStringAsync(RunningGateway.Cancel)));
        using var beyond = await AskAsync(gateway, "https://site.example.com/sub/a%20b.txt", ("Range", "bytes=10-"));
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, beyond.StatusCode);
        using var folder = await AskAsync(gateway, "https://site.example.com/sub?x");
        Assert.Equal("https://site.example.com/sub/?x", folder.Headers.Location!.ToString());
        using var post = await gateway.GetAsync("https://site.example.com/", method: HttpMethod.Post);
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "GET, HEAD"), (post.StatusCode, string.Join(", ", post.Content.Headers.Allow)));
    }

    [Fact]
    public async Task Files_below_a_path_are_found_without_it()
    {
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  site: {{ respond: site, routes: [ {{ path: /static/*, strip-prefix: /static, files: \"{Site()}\" }} ] }}\n");
        Assert.Equal("deep", await gateway.TextAsync("https://site.example.com/static/sub/a%20b.txt"));
        Assert.Equal("site", await gateway.TextAsync("https://site.example.com/sub/a%20b.txt"));
    }

    [Theory]
    [InlineData("path: /static/*, strip-prefix: /static", "/static", "/static/")]
    [InlineData("path: /static/*, strip-prefix: /static", "/static?x=%2541", "/static/?x=%2541")]
    [InlineData("path: /static/*, strip-prefix: /static", "/static/sub", "/static/sub/")]
    [InlineData("path: /static/*, strip-prefix: /static", "/static/a%2541", "/static/a%2541/")]
    [InlineData("path: /static/*, strip-prefix: /static", "/static/", null)]
    [InlineData("path: /start, replace-path: { match: \"^/start$\", with: / }", "/start", null)]
    public async Task A_folder_is_asked_for_with_a_slash_behind_its_name(string route, string path, string? leadsTo)
    {
        await using var gateway = await RunningGateway.StartAsync();
        var site = Site();
        Directory.CreateDirectory(Path.Combine(site, "a%41"));
        gateway.ServeShort($"services:\n  site: {{ respond: site, routes: [ {{ {route}, files: \"{site}\" }} ] }}\n");
        Assert.Empty(gateway.Routes.Problems);
        using var answer = await AskAsync(gateway, "https://site.example.com" + path);
        Assert.Equal((leadsTo is null ? 200 : 308, leadsTo is null ? null : "https://site.example.com" + leadsTo), ((int)answer.StatusCode, answer.Headers.Location?.OriginalString));
    }

    [Theory]
    [InlineData("text/plain", "Starting\n")]
    [InlineData("text/html", "<h1>Starting</h1>")]
    [InlineData("application/json", "\"title\":\"Starting\"")]
    public async Task What_is_not_ready_says_so_and_when_to_ask_again(string accept, string said)
    {
        await using var backend = await Backend.SayingAsync("b");
        await using var gateway = await RunningGateway.StartAsync();
        var service = RunningGateway.Service("app", backend.Uri);
        gateway.Serve(WaitingService.Of(service, new NotReadyAnswer("starting", "Starting", "app is starting.", 5), "it is told to")!);
        using var response = await gateway.GetAsync("https://app.example.com/x", accept: accept);
        var body = (await response.Content.ReadAsStringAsync(RunningGateway.Cancel)).Replace("\": \"", "\":\"", StringComparison.Ordinal);
        Assert.Equal((503, "5"), ((int)response.StatusCode, Assert.Single(response.Headers.GetValues("Retry-After"))));
        Assert.Contains(said, body, StringComparison.Ordinal);
        Assert.Contains("app is starting.", body, StringComparison.Ordinal);
        gateway.Serve(service);
        Assert.Equal(200, (int)(await gateway.GetAsync("https://app.example.com/x")).StatusCode);
    }

    [Theory]
    [InlineData("maintenance: true", "being worked on")]
    [InlineData("maintenance: \"Back <soon>\"", "Back &lt;soon&gt;")]
    [InlineData("maintenance: { file: FOLDER/closed.html }", "<b>closed 503</b>")]
    public async Task A_service_that_is_closed_says_so_on_all_of_its_routes(string said, string expected)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "closed.html"), "<b>closed {status}</b>", RunningGateway.Cancel);
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  app:\n    to: http://192.0.2.1\n    {said.Replace("FOLDER", _folder.FullName)}\n    routes: [ {{ path: /x, to: http://192.0.2.2 }} ]\n");
        Assert.Empty(gateway.Routes.Problems);
        foreach (var path in new[] { "/", "/x" })
        {
            using var response = await gateway.GetAsync("https://app.example.com" + path, accept: "text/html");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            Assert.Equal("300", Assert.Single(response.Headers.GetValues("Retry-After")));
            Assert.Contains(expected, await response.Content.ReadAsStringAsync(RunningGateway.Cancel));
        }
    }

    [Fact]
    public async Task A_page_of_ones_own_has_the_number_of_the_request_and_follows_its_file()
    {
        var (mine, box) = (Path.Combine(_folder.FullName, "mine.html"), Path.Combine(_folder.FullName, "box.html"));
        await File.WriteAllTextAsync(mine, "<i>{status} {host} {id} {title}</i>", RunningGateway.Cancel);
        await File.WriteAllTextAsync(box, "box {status}", RunningGateway.Cancel);
        await using var gateway = await RunningGateway.StartAsync(options: new GatewayOptions { Http = [new(IPAddress.Loopback, 0)], Https = [new(IPAddress.Loopback, 0)], ErrorPage = box });
        gateway.ServeShort($"services:\n  app: {{ to: \"http://127.0.0.1:{Backend.DeadPort()}\", error-page: \"{mine}\" }}\n  other: {{ to: \"http://127.0.0.1:{Backend.DeadPort()}\" }}\n");

        using var response = await gateway.GetAsync("https://app.example.com/", accept: "text/html");
        var id = Assert.Single(response.Headers.GetValues("X-Request-Id"));
        Assert.Equal($"<i>502 app.example.com {System.Text.Encodings.Web.HtmlEncoder.Default.Encode(id)} app.example.com does not answer</i>", await response.Content.ReadAsStringAsync(RunningGateway.Cancel));
        using var other = await gateway.GetAsync("https://other.example.com/", accept: "text/html");
        Assert.Equal("box 502", await other.Content.ReadAsStringAsync(RunningGateway.Cancel));
        using var unknown = await gateway.GetAsync("https://nobody.example.com/", accept: "text/html");
        Assert.Equal("box 404", await unknown.Content.ReadAsStringAsync(RunningGateway.Cancel));
        using var program = await gateway.GetAsync("https://app.example.com/", accept: "application/json");
        Assert.Equal("application/problem+json", program.Content.Headers.ContentType!.MediaType);

        await File.WriteAllTextAsync(mine, "changed", RunningGateway.Cancel);
        using var again = await gateway.GetAsync("https://app.example.com/", accept: "text/html");
        Assert.Equal("changed", await again.Content.ReadAsStringAsync(RunningGateway.Cancel));
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_told_and_a_registration_names_none()
    {
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort("services:\n  app: { to: \"http://192.0.2.1\", error-page: /dev/zero }\n  site: { files: /nonexistent/www }\n");
        Assert.Equal(
            ["services.app.error-page: /dev/zero cannot be read: it is a device or a pipe, and no ordinary file", "services.site.files: /nonexistent/www is no folder that is there"],
            gateway.Routes.Problems.Select(problem => $"{problem.Field}: {problem.Message}").Order());

        var problems = new Edge.Settings.ProblemList();
        var body = Edge.Settings.JsonDocumentReader.Read("""{"files":"/etc","error-page":"/etc/passwd"}"""u8.ToArray(), problems)!;
        Assert.Null(new Edge.Services.ServiceReader("example.com", null).ReadLeased("app", body, Edge.Services.Declarer.Token("t"), problems));
        Assert.Equal(2, problems.All.Count(problem => problem.Message.Contains("which only a file in proxy-routes/ may", StringComparison.Ordinal)));
    }

    private string Site()
    {
        var site = _folder.CreateSubdirectory("www");
        site.CreateSubdirectory("sub");
        site.CreateSubdirectory(".git");
        File.WriteAllText(Path.Combine(site.CreateSubdirectory(".well-known").FullName, "security.txt"), "write to us");
        File.WriteAllText(Path.Combine(site.FullName, ".well-known", ".hidden"), "secret");
        File.WriteAllText(Path.Combine(site.FullName, "index.html"), "<p>start</p>");
        File.WriteAllText(Path.Combine(site.FullName, "sub", "a b.txt"), "deep");
        File.WriteAllText(Path.Combine(site.FullName, "data.unknown"), "?");
        File.WriteAllText(Path.Combine(site.FullName, ".hidden"), "secret");
        File.WriteAllText(Path.Combine(site.FullName, ".git", "config"), "secret");
        File.WriteAllText(Path.Combine(_folder.FullName, "secret.txt"), "secret");
        File.CreateSymbolicLink(Path.Combine(site.FullName, "inside.txt"), Path.Combine(site.FullName, "sub", "a b.txt"));
        File.CreateSymbolicLink(Path.Combine(site.FullName, "outside.txt"), Path.Combine(_folder.FullName, "secret.txt"));
        Directory.CreateSymbolicLink(Path.Combine(site.FullName, "out"), _folder.FullName);
        using var pipe = System.Diagnostics.Process.Start("mkfifo", [Path.Combine(site.FullName, "pipe")]);
        pipe.WaitForExit();
        return site.FullName;
    }

    // curl sends the path as it stands, unlike HttpClient.
    private static async Task<(int Status, string Type, string Body)> CurlAsync(RunningGateway gateway, string path)
    {
        Shell.Need("curl", "curl");
        var output = await Shell.OutputAsync("curl", ["-sk", "--http1.1", "--path-as-is", "--max-time", "20", "--resolve", $"site.example.com:{gateway.Https}:127.0.0.1", "-w", "\n%{http_code}|%{content_type}", $"https://site.example.com:{gateway.Https}{path}"]);
        var end = output.LastIndexOf('\n');
        var last = output[(end + 1)..].Split('|');
        return (int.Parse(last[0], System.Globalization.CultureInfo.InvariantCulture), last[1], output[..end]);
    }

    private static async Task<HttpResponseMessage> AskAsync(RunningGateway gateway, string uri, params (string Name, string Value)[] headers)
    {
        using var client = gateway.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await client.SendAsync(request, RunningGateway.Cancel);
    }
}
