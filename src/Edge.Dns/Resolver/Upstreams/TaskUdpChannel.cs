using System.Net;

namespace Edge.Dns.Resolver.Upstreams;

/// <summary>DNS over UDP where there is no <see cref="DatagramPump"/>: a socket and a task for every query.</summary>
internal sealed class TaskUdpChannel(IPEndPoint upstream) : IUpstreamChannel
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly UdpTransport _transport = new();
    private readonly CancellationTokenSource _ended = new();

    public async void Ask(UpstreamAttempt attempt)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token);
        patience.CancelAfter(LongestWait);
        var reply = await _transport.AskAsync(upstream, attempt.Query, patience.Token).ConfigureAwait(false);
        attempt.Deliver(reply);
    }

    public void Forget(UpstreamAttempt attempt)
    {
    }

    public void Renew()
    {
    }

    public void Dispose() => _ended.Cancel();
}
