using System.Net;
using Edge.Streams;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Tests.Streams;

/// <summary>What <c>idle</c> means: that nothing moves, not that it moves slowly.</summary>
public sealed class StreamRelayTests
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();

    // A source that always has more, and a sink that takes a buffer in 20 seconds, such as a slow disk behind a fast line.
    [Theory]
    [InlineData(20, 10, null)]
    [InlineData(40, 10, "nothing moved for 00:00:30")]
    public async Task What_moves_slowly_is_not_idle(int secondsForOne, int buffers, string? reason)
    {
        var sink = new End(0, () => _time.Advance(TimeSpan.FromSeconds(secondsForOne)));
        Assert.Equal(reason, await StreamRelay.RunAsync(new End(buffers), sink, Idle, _time, TestContext.Current.CancellationToken));
        Assert.Equal(reason is null ? buffers : 1, sink.Taken);
    }

    private sealed class End(int buffers, Action? takes = null) : IStreamEnd
    {
        private readonly TaskCompletionSource _told = new();
        private int _left = buffers;

        public IPEndPoint? Remote => null;

        public IPEndPoint? Local => null;

        public int Taken { get; private set; }

        // Who only takes says nothing until it is told that nothing more comes.
        public ValueTask WaitAsync(CancellationToken cancel) => takes is null ? ValueTask.CompletedTask : new(_told.Task.WaitAsync(cancel));

        public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancel)
        {
            cancel.ThrowIfCancellationRequested();
            return ValueTask.FromResult(_left-- > 0 ? buffer.Length : 0);
        }

        public ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
        {
            takes?.Invoke();
            Taken++;
            return ValueTask.CompletedTask;
        }

        public void EndSending() => _told.TrySetResult();
    }
}
