using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Edge.Restart;

/// <summary>SIGUSR2, with which an administrator wants another process in the place of this one, as with nginx and HAProxy.</summary>
internal sealed class ReloadSignal : IDisposable
{
    // SIGHUP has its meaning already: log files are opened anew.
    private const PosixSignal UserSignal2 = (PosixSignal)12;

    // One more while one is being worked on says nothing new.
    private readonly Channel<bool> _wanted = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly PosixSignalRegistration _registration;

    public ReloadSignal() => _registration = PosixSignalRegistration.Create(UserSignal2, signal =>
    {
        signal.Cancel = true;
        _wanted.Writer.TryWrite(true);
    });

    /// <summary>Waits for it; false when the process is to end.</summary>
    public async Task<bool> WaitAsync(CancellationToken cancel)
    {
        try
        {
            return await _wanted.Reader.ReadAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    public void Dispose() => _registration.Dispose();
}
