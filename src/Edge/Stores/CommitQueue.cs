namespace Edge.Stores;

/// <summary>
/// Those who want to change something. One group is made durable at a time; who comes meanwhile is in the next one, so
/// that many share one write and one wait for the disk, and one alone waits for nobody.
/// </summary>
/// <param name="commit">Makes a group durable and tells each of it; if it throws, they are told that.</param>
internal sealed class CommitQueue(Action<IReadOnlyList<PendingOperation>> commit)
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<PendingOperation> _waiting = [];
    private bool _isCommitting;
    private bool _isClosed;

    /// <summary>Whether nothing is taken any more.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_lock)
            {
                return _isClosed;
            }
        }
    }

    /// <summary>Makes a change; completes when it is durable.</summary>
    /// <exception cref="StoreUnavailableException">It is not.</exception>
    public async ValueTask<T> RunAsync<T>(PendingResult<T> operation, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        if (Enter(operation))
        {
            CommitNext();
            return await operation.Told.ConfigureAwait(false);
        }

        using var registration = cancel.UnsafeRegister(static (one, token) => ((PendingOperation)one!).Cancel(token), operation);
        return await operation.Told.ConfigureAwait(false);
    }

    /// <summary>Takes nothing more, and completes when what was taken is done.</summary>
    public Task CloseAsync()
    {
        lock (_lock)
        {
            _isClosed = true;
            return _isCommitting ? _idle.Task : Task.CompletedTask;
        }
    }

    // True for the one who has to write.
    private bool Enter(PendingOperation operation)
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                throw new StoreUnavailableException("the store is closed");
            }

            _waiting.Add(operation);
            return !_isCommitting && (_isCommitting = true);
        }
    }

    // Who came first writes for himself alone: the groups after it are another thread's.
    private void CommitNext()
    {
        List<PendingOperation> group;
        lock (_lock)
        {
            (group, _waiting) = (_waiting, []);
        }

        try
        {
            commit(group);
        }
        catch (Exception broken)
        {
            // A fault there: nobody is to wait for ever, neither these nor those who come after them.
            group.ForEach(operation => operation.TellFailed(broken));
        }

        lock (_lock)
        {
            if (_waiting.Count == 0)
            {
                _isCommitting = false;
                if (_isClosed)
                {
                    _idle.TrySetResult();
                }

                return;
            }
        }

        ThreadPool.UnsafeQueueUserWorkItem(static queue => queue.CommitNext(), this, preferLocal: false);
    }
}
