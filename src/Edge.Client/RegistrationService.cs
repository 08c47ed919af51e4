using Microsoft.Extensions.Hosting;

namespace Edge.Client;

/// <summary>
/// The registration as part of an application's life: it begins when the server listens, and ends before the server stops, so that
/// nobody is sent to an application that answers no more.
/// </summary>
internal sealed class RegistrationService(RegistrationKeeper keeper, EdgeRegistrationOptions options) : IHostedLifecycleService, IAsyncDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private Task _keeping = Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        var pause = TimeSpan.Zero;
        if (options.RefusalFailsStart)
        {
            pause = await keeper.StepAsync(cancellationToken).ConfigureAwait(false);
            if (keeper.Refusal is { } refusal)
            {
                throw new EdgeRegistrationRefusedException(refusal);
            }
        }

        _keeping = keeper.KeepAsync(pause, _ending.Token);
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _keeping.ConfigureAwait(false);
        await keeper.EndAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>An application that was never stopped leaves its registration to the lease.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _keeping.ConfigureAwait(false);
        keeper.Dispose();
        _ending.Dispose();
    }
}
