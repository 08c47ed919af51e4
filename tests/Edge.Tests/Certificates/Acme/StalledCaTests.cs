using System.Net;
using Edge.Acme;
using Xunit;

namespace Edge.Tests.Certificates.Acme;

/// <summary>A CA that begins an answer and never ends it holds nobody up for ever.</summary>
public sealed class StalledCaTests
{
    [Fact]
    public async Task An_answer_that_stops_in_its_body_is_given_up_after_three_times()
    {
        var server = new StallingServer();
        var client = new AcmeClient(FakeAcmeServer.Directory, AccountKey.Create(), new HttpClient(server), new HastyTime());
        var asked = client.DirectoryAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        Assert.Equal(3, server.Requests);
    }

    private sealed class StallingServer : HttpMessageHandler
    {
        public int Requests { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests++;
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new EndlessContent() });
        }
    }

    private sealed class EndlessContent : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => Task.Delay(Timeout.Infinite);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    /// <summary>Every timer is due at once, the guards against a hang included.</summary>
    private sealed class HastyTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? TimeSpan.FromMilliseconds(1) : dueTime, Timeout.InfiniteTimeSpan);
    }
}
