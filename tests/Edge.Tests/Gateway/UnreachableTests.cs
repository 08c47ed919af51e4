using System.Net;
using System.Net.Sockets;
using Edge.Connections;
using Xunit;

namespace Edge.Tests.Gateway;

/// <summary>A destination where nobody says anything is left out, and asked nothing, as one that refuses: nothing of a request was sent there.</summary>
public sealed class UnreachableTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // Simple requests go straight over the event loops; a route that says how long a connection may take has all of them go by YARP's forwarder.
    [Theory]
    [InlineData("epoll", "GET", "")]
    [InlineData("epoll", "POST", "")]
    [InlineData("epoll", "GET", ", timeouts: { connect: 1s }")]
    [InlineData("epoll", "POST", ", timeouts: { connect: 1s }")]
    [InlineData("sockets", "GET", ", timeouts: { connect: 1s }")]
    [InlineData("sockets", "POST", ", timeouts: { connect: 1s }")]
    public async Task Who_does_not_take_a_connection_in_time_is_left_out_and_the_next_one_is_asked(string transport, string method, string timeouts)
    {
        using var deaf = await DeafListener.StartAsync();
        await using var well = await Backend.SayingAsync("well");
        await using var gateway = await RunningGateway.StartAsync(transport: Enum.Parse<TransportKind>(transport, ignoreCase: true));
        gateway.ServeShort($"services:\n  pair: {{ to: [\"{deaf.Uri}\", \"{well.Uri}\"], balance: round-robin{timeouts} }}\n");
        for (var i = 0; i < 4; i++)
        {
            using var answer = await gateway.GetAsync("https://pair.example.com/", method: new HttpMethod(method));
            Assert.Equal((HttpStatusCode.OK, "well"), (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel)));
        }

        Assert.Single(gateway.Logged, line => line.Contains("it is left out for a while", StringComparison.Ordinal) && line.Contains($":{deaf.Port}", StringComparison.Ordinal));
    }

    // A handshake is a part of the connection.
    [Theory]
    [InlineData("epoll")]
    [InlineData("sockets")]
    public async Task Who_does_not_shake_hands_in_time_is_left_out_too(string transport)
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var well = await Backend.SayingAsync("well");
        await using var gateway = await RunningGateway.StartAsync(transport: Enum.Parse<TransportKind>(transport, ignoreCase: true));
        gateway.ServeShort($"services:\n  pair: {{ to: [\"https://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/\", \"{well.Uri}\"], balance: round-robin, timeouts: {{ connect: 1s }} }}\n");
        for (var i = 0; i < 2; i++)
        {
            using var answer = await gateway.GetAsync("https://pair.example.com/", method: HttpMethod.Post);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        Assert.Single(gateway.Logged, line => line.Contains("it is left out for a while", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("epoll", "")]
    [InlineData("epoll", ", timeouts: { connect: 1s }")]
    [InlineData("sockets", ", timeouts: { connect: 1s }")]
    public async Task Where_there_is_no_other_the_gateway_is_a_bad_one_and_not_a_slow_one(string transport, string timeouts)
    {
        using var deaf = await DeafListener.StartAsync();
        await using var gateway = await RunningGateway.StartAsync(transport: Enum.Parse<TransportKind>(transport, ignoreCase: true));
        gateway.ServeShort($"services:\n  one: {{ to: \"{deaf.Uri}\"{timeouts} }}\n");
        using var answer = await gateway.GetAsync("https://one.example.com/");
        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
    }
}
