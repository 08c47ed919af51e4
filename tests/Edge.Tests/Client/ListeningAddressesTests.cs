using System.Net;
using Edge.Client;
using Xunit;

namespace Edge.Tests.Client;

/// <summary>What Edge is told of the addresses a server is bound to.</summary>
public sealed class ListeningAddressesTests
{
    [Theory]
    // Edge runs on another machine: our address of the connection to it.
    [InlineData("http://[::]:5000", "192.168.1.20", "192.168.1.10", "http://192.168.1.20:5000/")]
    [InlineData("http://0.0.0.0:5000", "192.168.1.20", "192.168.1.10", "http://192.168.1.20:5000/")]
    [InlineData("http://*:5000", "192.168.1.20", "192.168.1.10", "http://192.168.1.20:5000/")]
    [InlineData("http://+:80", "192.168.1.20", "192.168.1.10", "http://192.168.1.20/")]
    [InlineData("http://[::]:5000", "::ffff:192.168.1.20", "::ffff:192.168.1.10", "http://192.168.1.20:5000/")]
    [InlineData("http://[::]:5000", "2001:db8::20", "2001:db8::10", "http://[2001:db8::20]:5000/")]
    [InlineData("http://192.168.7.1:5000", "192.168.1.20", "192.168.1.10", "http://192.168.7.1:5000/")]
    // What listens to its own machine only is reached by nobody else.
    [InlineData("http://localhost:5000", "192.168.1.20", "192.168.1.10", null)]
    [InlineData("http://127.0.0.1:5000", "192.168.1.20", "192.168.1.10", null)]
    [InlineData("http://[::1]:5000", "192.168.1.20", "192.168.1.10", null)]
    [InlineData("http://0.0.0.0:5000", "2001:db8::20", "2001:db8::10", null)]
    [InlineData("http://[::]:5000", "fe80::1%2", "fe80::2%2", null)]
    [InlineData("http://unix:/run/app.sock", "127.0.0.1", "127.0.0.1", null)]
    // Edge runs on this machine.
    [InlineData("http://localhost:5000", "127.0.0.1", "127.0.0.1", "http://127.0.0.1:5000/")]
    [InlineData("http://localhost:5000", "192.168.1.20", "192.168.1.20", "http://127.0.0.1:5000/")]
    [InlineData("http://[::1]:5000", "127.0.0.1", "127.0.0.1", "http://[::1]:5000/")]
    [InlineData("http://[::]:5000", "127.0.0.1", "127.0.0.1", "http://127.0.0.1:5000/")]
    [InlineData("http://0.0.0.0:5000", "::1", "::1", "http://127.0.0.1:5000/")]
    // Of several the first that is reached, http before https.
    [InlineData("https://[::]:5001 http://[::]:5000", "192.168.1.20", "192.168.1.10", "http://192.168.1.20:5000/")]
    [InlineData("https://[::]:5001 http://localhost:5000", "192.168.1.20", "192.168.1.10", "https://192.168.1.20:5001/")]
    [InlineData("http://localhost:5000 http://192.168.1.20:6000", "192.168.1.20", "192.168.1.10", "http://192.168.1.20:6000/")]
    [InlineData("", "192.168.1.20", "192.168.1.10", null)]
    public void Are(string bound, string local, string edge, string? expected) => Assert.Equal(
        expected,
        ListeningAddresses.Reachable(bound.Split(' ', StringSplitOptions.RemoveEmptyEntries), IPAddress.Parse(local), IPAddress.Parse(edge)));
}
