using System.Net;
using System.Net.Sockets;
using Edge.Services;
using Edge.Streams;
using Edge.Tests.Gateway;
using Edge.Tests.Whole;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Tests.Streams;

/// <summary>The ports of services, without a whole program around them.</summary>
public sealed class StreamManagerTests
{
    private static StreamClients Everybody => new(_ => true, _ => false, (_, _, _) => ValueTask.FromResult(true));

    [Fact]
    public void A_set_that_could_not_be_taken_whole_is_taken_when_it_comes_again()
    {
        var forwarder = new StreamForwarder([], TimeProvider.System, NullLogger<StreamForwarder>.Instance);
        using var streams = new StreamManager(new StreamOptions { Addresses = [IPAddress.Loopback] }, forwarder, Everybody, TimeProvider.System, new ThrowsOnce());
        int[] ports = [EdgeProcess.FreePort(), EdgeProcess.FreePort()];
        var set = new ServiceSet(1, ShortForm.Services($"services:\n  a: {{ to: \"tcp://127.0.0.1:1\", listen: {ports[0]} }}\n  b: {{ to: \"tcp://127.0.0.1:1\", listen: {ports[1]} }}\n"), []);
        Assert.Throws<InvalidOperationException>(() => streams.Apply(set));
        streams.Apply(set);
        Assert.Equal(ports.Order(), streams.Ports.Select(port => port.EndPoint.Port).Order());

        // One that wants none after one that broke off closes what is open.
        streams.Apply(ServiceSet.Empty);
        Assert.Empty(streams.Ports);
    }

    [Fact]
    public void A_port_that_becomes_free_is_opened_without_a_change_of_a_service()
    {
        var time = new FakeTimeProvider();
        var forwarder = new StreamForwarder([], time, NullLogger<StreamForwarder>.Instance);
        using var streams = new StreamManager(new StreamOptions { Addresses = [IPAddress.Loopback] }, forwarder, Everybody, time, NullLogger<StreamManager>.Instance);
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        var port = ((IPEndPoint)holder.LocalEndpoint).Port;
        streams.Apply(new ServiceSet(1, ShortForm.Services($"services:\n  a: {{ to: \"tcp://127.0.0.1:1\", listen: {port} }}\n"), []));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(streams.Ports);
        Assert.Contains("cannot be opened", Assert.Single(streams.Problems).ToString(), StringComparison.Ordinal);

        holder.Stop();
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(port, Assert.Single(streams.Ports).EndPoint.Port);
        Assert.Empty(streams.Problems);
    }

    // When the first port is open, in the middle of a set.
    private sealed class ThrowsOnce : ILogger<StreamManager>
    {
        private bool _hasThrown;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!_hasThrown)
            {
                _hasThrown = true;
                throw new InvalidOperationException("The log is full.");
            }
        }
    }
}
