using System.Runtime.CompilerServices;

namespace Edge.Connections;

/// <summary>
/// Makes an asynchronous method of a loop one that allocates nothing, however many of it wait at once: the framework's pooling
/// builder keeps one object a thread, and with sixty requests under way makes nearly all anew, which was 1.3 KB for each
/// request. The objects lie by thread, so this holds for what ends where it began. No ExecutionContext goes along: these
/// methods know no AsyncLocal. As with all pooled methods, the result is awaited once.
/// </summary>
internal struct LoopMethodBuilder
{
    private LoopMethodBuilderOf<bool> _inner;

    public readonly ValueTask Task => _inner.HasResult ? default : _inner.WithoutResult();

    public static LoopMethodBuilder Create() => default;

    public readonly void Start<TMethod>(ref TMethod method)
        where TMethod : IAsyncStateMachine => method.MoveNext();

    public readonly void SetStateMachine(IAsyncStateMachine stateMachine)
    {
        // Only for methods that are classes.
    }

    public void SetResult() => _inner.SetResult(true);

    public void SetException(Exception exception) => _inner.SetException(exception);

    public void AwaitOnCompleted<TAwaiter, TMethod>(ref TAwaiter awaiter, ref TMethod method)
        where TAwaiter : INotifyCompletion
        where TMethod : IAsyncStateMachine => _inner.AwaitOnCompleted(ref awaiter, ref method);

    public void AwaitUnsafeOnCompleted<TAwaiter, TMethod>(ref TAwaiter awaiter, ref TMethod method)
        where TAwaiter : ICriticalNotifyCompletion
        where TMethod : IAsyncStateMachine => _inner.AwaitUnsafeOnCompleted(ref awaiter, ref method);
}
