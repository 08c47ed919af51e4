using System.Runtime.CompilerServices;

namespace Edge.Connections;

/// <summary><see cref="LoopMethodBuilder"/> of a method with a result.</summary>
/// <typeparam name="TResult">Its result.</typeparam>
internal struct LoopMethodBuilderOf<TResult>
{
    private LoopMethodBox<TResult>? _box;
    private Exception? _exception;
    private TResult? _result;

    public readonly ValueTask<TResult> Task => _box is { } box ? new ValueTask<TResult>(box, box.Version)
        : _exception is { } exception ? ValueTask.FromException<TResult>(exception) : new ValueTask<TResult>(_result!);

    /// <summary>It never waited, and did not fail.</summary>
    public readonly bool HasResult => _box is null && _exception is null;

    public static LoopMethodBuilderOf<TResult> Create() => default;

    /// <summary>The task of a method without a result that is not over, or has failed.</summary>
    public readonly ValueTask WithoutResult() => _box is { } box ? new ValueTask(box, box.Version) : ValueTask.FromException(_exception!);

    public readonly void Start<TMethod>(ref TMethod method)
        where TMethod : IAsyncStateMachine => method.MoveNext();

    public readonly void SetStateMachine(IAsyncStateMachine stateMachine)
    {
        // Only for methods that are classes.
    }

    public void SetResult(TResult result)
    {
        if (_box is { } box)
        {
            // Whoever waited goes on in here, and may have the box for another method when this returns.
            box.SetResult(result);
        }
        else
        {
            _result = result;
        }
    }

    public void SetException(Exception exception)
    {
        if (_box is { } box)
        {
            box.SetException(exception);
        }
        else
        {
            _exception = exception;
        }
    }

    public void AwaitOnCompleted<TAwaiter, TMethod>(ref TAwaiter awaiter, ref TMethod method)
        where TAwaiter : INotifyCompletion
        where TMethod : IAsyncStateMachine => awaiter.OnCompleted(BoxOf(ref method).Continue);

    public void AwaitUnsafeOnCompleted<TAwaiter, TMethod>(ref TAwaiter awaiter, ref TMethod method)
        where TAwaiter : ICriticalNotifyCompletion
        where TMethod : IAsyncStateMachine => awaiter.UnsafeOnCompleted(BoxOf(ref method).Continue);

    // The method moves into its box when it waits first; this builder with it, so that it must know the box before.
    private LoopMethodBox<TResult> BoxOf<TMethod>(ref TMethod method)
        where TMethod : IAsyncStateMachine
    {
        if (_box is null)
        {
            var box = LoopMethodBoxOf<TResult, TMethod>.Take();
            _box = box;
            box.Method = method;
        }

        return _box;
    }
}
