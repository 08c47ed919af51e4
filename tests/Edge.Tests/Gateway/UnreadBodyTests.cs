using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Edge.Tests.Certificates;
using Xunit;
using Shell = Edge.Tests.Whole.Shell;

namespace Edge.Tests.Gateway;

/// <summary>Who is at work on a body reads the answer that the rest of it is not wanted (RFC 9113 section 8.1).</summary>
public sealed class UnreadBodyTests : IDisposable
{
    private const int Size = 5_000_000;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("large", "--http2", true, "413")]
    [InlineData("large", "--http2", false, "413")]
    [InlineData("large", "--http1.1", true, "413")]
    [InlineData("nobody", "--http2", true, "404")]
    [InlineData("nobody", "--http2", false, "404")]
    public async Task Curl_reads_the_answer(string host, string version, bool saysLength, string status)
    {
        Shell.Need("curl", "curl");
        var file = await BodyAsync();
        await using var backend = await Backend.StartAsync(context => context.Request.Body.CopyToAsync(Stream.Null));
        await using var gateway = await StartAsync(backend);
        var name = $"{host}.example.com";
        var upload = saysLength ? file : "-";
        var said = await Shell.OutputAsync("sh", "-c", $"curl -sk {version} -o - -w 'status %{{http_code}} exit %{{exitcode}}' --resolve {name}:{gateway.Https}:127.0.0.1 -X POST -T {upload} https://{name}:{gateway.Https}/x < {file}");
        Assert.Contains($"status {status} exit 0", said, StringComparison.Ordinal);
        Assert.Contains("\nrequest ", said, StringComparison.Ordinal);
    }

    // As Python's http.client does: all is sent before anything is read. More than both ends' buffers hold.
    [Theory]
    [InlineData("large", true, 413)]
    [InlineData("large", false, 413)]
    [InlineData("nobody", true, 404)]
    public async Task Who_sends_all_before_reading_reads_the_answer(string host, bool saysLength, int status)
    {
        var asked = 0;
        await using var backend = await Backend.StartAsync(context =>
        {
            Interlocked.Increment(ref asked);
            return context.Request.Body.CopyToAsync(Stream.Null);
        });
        await using var gateway = await StartAsync(backend);
        using var client = new TcpClient { SendTimeout = 20_000, ReceiveTimeout = 20_000 };
        await client.ConnectAsync(IPAddress.Loopback, gateway.Https);
        await using var tls = new SslStream(client.GetStream(), false, static (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync($"{host}.example.com");
        await tls.WriteAsync(Encoding.ASCII.GetBytes($"POST /x HTTP/1.1\r\nHost: {host}.example.com\r\n{(saysLength ? $"Content-Length: {16 * Size}" : "Transfer-Encoding: chunked")}\r\n\r\n"), RunningGateway.Cancel);
        var piece = new byte[Size];
        for (var i = 0; i < 16; i++)
        {
            await tls.WriteAsync(saysLength ? piece : [.. Encoding.ASCII.GetBytes($"{Size:x}\r\n"), .. piece, 13, 10], RunningGateway.Cancel);
        }

        using var reader = new StreamReader(tls, Encoding.ASCII);
        Assert.StartsWith($"HTTP/1.1 {status} ", await reader.ReadLineAsync(RunningGateway.Cancel), StringComparison.Ordinal);
        Assert.Equal(saysLength ? 0 : 1, asked);
    }

    [Theory]
    [InlineData("--no-content-length")]
    [InlineData("-v")]
    public async Task The_stream_ends_with_NO_ERROR_behind_the_answer(string option)
    {
        Shell.Need("nghttp", "nghttp2-client");
        var file = await BodyAsync();
        await using var backend = await Backend.StartAsync(context => context.Request.Body.CopyToAsync(Stream.Null));
        await using var gateway = await StartAsync(backend);
        var said = await Shell.OutputAsync("nghttp", "-nv", option, "-d", file, "-H", ":authority: large.example.com", $"https://127.0.0.1:{gateway.Https}/");
        var (status, end) = (said.IndexOf(":status: 413", StringComparison.Ordinal), said.IndexOf("; END_STREAM", said.IndexOf(":status: 413", StringComparison.Ordinal), StringComparison.Ordinal));
        Assert.True(status > 0 && end > status, said);
        var reset = said.IndexOf("recv RST_STREAM", StringComparison.Ordinal);
        Assert.True(reset < 0 || (reset > end && said[reset..].Contains("error_code=NO_ERROR(0x00)", StringComparison.Ordinal)), said);
    }

    private async Task<string> BodyAsync()
    {
        var file = Path.Combine(_folder.Path, "body");
        await File.WriteAllBytesAsync(file, new byte[Size], RunningGateway.Cancel);
        return file;
    }

    private static async Task<RunningGateway> StartAsync(Backend backend)
    {
        var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  large: {{ to: \"{backend.Uri}\", max-body: 10KB }}\n");
        return gateway;
    }
}
