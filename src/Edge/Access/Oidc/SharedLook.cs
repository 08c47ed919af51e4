namespace Edge.Access.Oidc;

/// <summary>
/// Something that is looked up at a provider and holds for a while. One look is under way at a time, whoever waits for it, and
/// one that failed is not made again at once: a provider that does not answer holds nobody up but those who need its word.
/// </summary>
/// <param name="look">Makes a look; ends by itself.</param>
/// <param name="time">The clock.</param>
internal sealed class SharedLook<T>(Func<Task<T>> look, TimeProvider time)
{
    private static readonly TimeSpan FailureLasts = TimeSpan.FromSeconds(5);

    private readonly Lock _state = new();
    private (T Value, DateTimeOffset Read)? _known;
    private (string Reason, long At)? _failed;
    private Task<T>? _underWay;

    /// <summary>What is known, however old it is; the next look is made meanwhile when it is older than that.</summary>
    /// <exception cref="ProviderException">Nothing is known, and the look fails or did just now.</exception>
    public Task<T> GetAsync(TimeSpan age, CancellationToken cancel) => GetAsync(age, mayBeOlder: true, cancel);

    /// <summary>What is no older than that.</summary>
    /// <exception cref="ProviderException">The look fails, or did just now.</exception>
    public Task<T> GetNewerAsync(TimeSpan age, CancellationToken cancel) => GetAsync(age, mayBeOlder: false, cancel);

    private Task<T> GetAsync(TimeSpan age, bool mayBeOlder, CancellationToken cancel)
    {
        lock (_state)
        {
            var now = time.GetUtcNow();
            if (_known is { } known && now - known.Read < age)
            {
                return Task.FromResult(known.Value);
            }

            // A clock that is set back must not make five seconds hours.
            var hasFailed = _failed is { } failed && time.GetElapsedTime(failed.At) < FailureLasts;
            if (!hasFailed)
            {
                _underWay ??= Task.Run(LookAsync, CancellationToken.None);
            }

            return mayBeOlder && _known is { } old ? Task.FromResult(old.Value)
                : hasFailed ? throw new ProviderException(_failed!.Value.Reason) { IsOld = true }
                : _underWay!.WaitAsync(cancel);
        }
    }

    private async Task<T> LookAsync()
    {
        try
        {
            var found = await look();
            lock (_state)
            {
                (_known, _failed, _underWay) = ((found, time.GetUtcNow()), null, null);
            }

            return found;
        }
        catch (Exception wrong)
        {
            lock (_state)
            {
                (_failed, _underWay) = ((wrong.Message, time.GetTimestamp()), null);
            }

            throw;
        }
    }
}
