using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using Edge.Connections;

namespace Edge.Tests.Connections;

/// <summary>Asynchronous methods whose objects are used again: each wait has its own result, and only once.</summary>
public sealed class LoopMethodBuilderTests
{
    private const int AtOnce = 60;

    [Fact]
    public async Task What_never_waits_has_its_result_at_once()
    {
        var twice = TwiceAsync(new ValueTask<int>(21));
        Assert.True(twice.IsCompletedSuccessfully);
        Assert.Equal(42, await twice);
        Assert.True(NothingAsync(default).IsCompletedSuccessfully);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_goes_wrong_is_told_to_who_waits(bool atOnce)
    {
        var gate = new TaskCompletionSource<int>();
        var thrown = new IOException("broken");
        if (atOnce)
        {
            gate.SetException(thrown);
        }

        var (twice, nothing) = (TwiceAsync(new ValueTask<int>(gate.Task)), NothingAsync(new ValueTask(gate.Task)));
        gate.TrySetException(thrown);
        Assert.Same(thrown, await Assert.ThrowsAsync<IOException>(async () => await twice));
        Assert.Same(thrown, await Assert.ThrowsAsync<IOException>(async () => await nothing));
    }

    [Fact]
    public async Task Each_of_many_that_wait_at_once_gets_its_own_result_in_any_order()
    {
        var random = new Random(1);
        for (var round = 0; round < 50; round++)
        {
            var gates = Enumerable.Range(0, AtOnce).Select(_ => new TaskCompletionSource<int>()).ToArray();
            var waiting = gates.Select(gate => OuterAsync(gate.Task).AsTask()).ToArray();
            foreach (var index in Enumerable.Range(0, AtOnce).OrderBy(_ => random.Next()))
            {
                gates[index].SetResult(index);
            }

            Assert.Equal(Enumerable.Range(0, AtOnce).Select(index => (2 * index) + 1), await Task.WhenAll(waiting));
        }
    }

    [Fact]
    public async Task Threads_may_change_while_it_waits()
    {
        var all = Enumerable.Range(0, 2000).Select(async index =>
        {
            await Task.Yield();
            return await HoppingAsync(index);
        });
        Assert.Equal(Enumerable.Range(0, 2000), await Task.WhenAll(all));
    }

    [Fact]
    public async Task A_result_is_fetched_once()
    {
        var gate = new TaskCompletionSource<int>();
        var waiting = TwiceAsync(new ValueTask<int>(gate.Task));
        gate.SetResult(1);
        Assert.Equal(2, await waiting);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await waiting);
        // Nor is what another waits for disturbed by it.
        var (second, third) = (new TaskCompletionSource<int>(), new TaskCompletionSource<int>());
        var (two, three) = (TwiceAsync(new ValueTask<int>(second.Task)), TwiceAsync(new ValueTask<int>(third.Task)));
        third.SetResult(3);
        second.SetResult(2);
        Assert.Equal((4, 6), (await two, await three));
    }

    [Fact]
    public async Task However_many_wait_at_once_nothing_is_allocated_once_there_were_as_many()
    {
        var gates = Enumerable.Range(0, AtOnce).Select(_ => new Gate()).ToArray();
        var waiting = new ValueTask<int>[AtOnce];
        var (before, wrong) = (0L, 0);
        for (var round = 0; round < 10; round++)
        {
            if (round == 5)
            {
                before = GC.GetAllocatedBytesForCurrentThread();
            }

            for (var i = 0; i < AtOnce; i++)
            {
                waiting[i] = Doubling.Begin(gates[i].Wait());
            }

            for (var i = 0; i < AtOnce; i++)
            {
                gates[i].Open(i);
                wrong += await waiting[i] == 2 * i ? 0 : 1;
            }
        }

        var after = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal((before, 0), (after, wrong));
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilderOf<>))]
    private static async ValueTask<int> TwiceAsync(ValueTask<int> of) => 2 * await of;

    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    private static async ValueTask NothingAsync(ValueTask after) => await after;

    [AsyncMethodBuilder(typeof(LoopMethodBuilderOf<>))]
    private static async ValueTask<int> OuterAsync(Task<int> of)
    {
        var twice = await TwiceAsync(new ValueTask<int>(of));
        await NothingAsync(default);
        return twice + 1;
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilderOf<>))]
    private static async ValueTask<int> HoppingAsync(int number)
    {
        for (var i = 0; i < 5; i++)
        {
            await Task.Yield();
            await NothingAsync(new ValueTask(Task.Run(() => { })));
        }

        return number;
    }

    // What the compiler makes of TwiceAsync when it optimizes; without that it makes a class, of which each call has its own.
    private struct Doubling : IAsyncStateMachine
    {
        private LoopMethodBuilderOf<int> _builder;
        private ValueTaskAwaiter<int> _awaiter;
        private bool _waits;

        public static ValueTask<int> Begin(ValueTask<int> of)
        {
            var method = new Doubling { _builder = LoopMethodBuilderOf<int>.Create(), _awaiter = of.GetAwaiter() };
            method._builder.Start(ref method);
            return method._builder.Task;
        }

        public void MoveNext()
        {
            if (!_waits && !_awaiter.IsCompleted)
            {
                _waits = true;
                _builder.AwaitUnsafeOnCompleted(ref _awaiter, ref this);
                return;
            }

            _builder.SetResult(2 * _awaiter.GetResult());
        }

        public readonly void SetStateMachine(IAsyncStateMachine stateMachine)
        {
        }
    }

    private sealed class Gate : IValueTaskSource<int>
    {
        private ManualResetValueTaskSourceCore<int> _core;

        public ValueTask<int> Wait()
        {
            _core.Reset();
            return new ValueTask<int>(this, _core.Version);
        }

        public void Open(int value) => _core.SetResult(value);

        public int GetResult(short token) => _core.GetResult(token);

        public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => _core.OnCompleted(continuation, state, token, flags);
    }
}
