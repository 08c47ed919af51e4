using System.Threading.Tasks.Sources;

namespace Edge.Connections;

/// <summary>What is left of an asynchronous method while it waits, and where its result is fetched; once.</summary>
/// <typeparam name="TResult">Its result.</typeparam>
internal abstract class LoopMethodBox<TResult> : IValueTaskSource<TResult>, IValueTaskSource
{
    private ManualResetValueTaskSourceCore<TResult> _result;

    protected LoopMethodBox() => Continue = MoveNext;

    /// <summary>Goes on with the method.</summary>
    public Action Continue { get; }

    /// <summary>Tells this wait from others of the same object.</summary>
    public short Version => _result.Version;

    public void SetResult(TResult result) => _result.SetResult(result);

    public void SetException(Exception exception) => _result.SetException(exception);

    public ValueTaskSourceStatus GetStatus(short token) => _result.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => _result.OnCompleted(continuation, state, token, flags);

    public TResult GetResult(short token)
    {
        // Who comes twice, or too early, must not put the object back that is another's by now: this throws.
        if (_result.GetStatus(token) == ValueTaskSourceStatus.Pending)
        {
            throw new InvalidOperationException("The method has no result yet.");
        }

        try
        {
            return _result.GetResult(token);
        }
        finally
        {
            _result.Reset();
            PutBack();
        }
    }

    void IValueTaskSource.GetResult(short token) => GetResult(token);

    protected abstract void MoveNext();

    /// <summary>Nobody needs it any more.</summary>
    protected abstract void PutBack();
}
