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
