using System.Text.Json;
using Edge.Connections;
using Edge.Observability;
using Edge.Tests.Certificates;
using Edge.Tests.Gateway.Straight;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Tests.Gateway.Front;

/// <summary>One connection asks for many hosts, each written in its own way.</summary>
public sealed class FrontHostTests
{
    // What is written as the table has it may be the table's own string; all else is taken down as the client wrote it.
    private static readonly string[] Written =
    [
        "one.example.com", "two.example.com", "ONE.example.com", "one.example.com", "one.example.com:443", "two.example.com.", "one.example.com.:443", "Two.Example.com", "two.example.com", "two.wild.example.com",
        "TWO.wild.example.com", "two.wild.example.com",
    ];

    [Theory]
    [InlineData("epoll")]
    [InlineData("sockets")]
    public async Task Each_request_goes_to_its_host_and_the_log_says_it_as_it_was_written(string transport)
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "access.log");
        await using var one = new ScriptedDestination(_ => ScriptedAnswer.Of("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none"));
        await using var two = new ScriptedDestination(_ => ScriptedAnswer.Of("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo"));
        await using (var room = ObservabilityRoom.Open(new() { File = file }, false, TimeProvider.System, NullLogger.Instance))
        {
            room.Start();
            await using var gateway = await RunningGateway.StartAsync(observed: room, transport: Enum.Parse<TransportKind>(transport, ignoreCase: true));
            gateway.Serve(RunningGateway.Service("one", one.Uri), RunningGateway.Service("two", two.Uri), RunningGateway.Service("wild", two.Uri) with { Hosts = ["*.wild.example.com"] });
            await using var client = await RawClient.ConnectAsync(gateway.Https);
            foreach (var host in Written)
            {
                await client.SendAsync($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
                Assert.StartsWith("HTTP/1.1 200 OK\r\n", await client.ReadAsync($"\r\n\r\n{host[..3].ToLowerInvariant()}"), StringComparison.Ordinal);
            }

            Assert.Equal(transport == "epoll" ? 1 : 0, gateway.FrontConnections);
        }

        Assert.Equal(Written, (await File.ReadAllLinesAsync(file, RunningGateway.Cancel)).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("host").GetString()));
        Assert.All(one.Asked, head => Assert.Contains("Host: one.example.com", head, StringComparison.OrdinalIgnoreCase));
    }
}
