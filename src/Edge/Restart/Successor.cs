using System.Diagnostics;
using System.Globalization;
using System.IO.Pipes;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Edge.Connections;

namespace Edge.Restart;

/// <summary>The Edge that takes this one's place: the same command, with this one's sockets.</summary>
internal sealed partial class Successor : IDisposable
{
    private readonly Process _process;
    private readonly AnonymousPipeServerStream _pipe;

    private Successor(Process process, AnonymousPipeServerStream pipe) => (_process, _pipe) = (process, pipe);

    public int Id => _process.Id;

    /// <param name="command">The program and its arguments.</param>
    /// <param name="sockets">What it is left.</param>
    /// <param name="units">Which of them came from .socket units.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">It cannot be started.</exception>
    public static Successor Start(IReadOnlyList<string> command, IEnumerable<Socket> sockets, UnitSockets units)
    {
        var pipe = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.Inheritable);
        try
        {
            var start = new ProcessStartInfo(command[0], command.Skip(1)) { UseShellExecute = false };
            List<string> numbers = [pipe.GetClientHandleAsString(), Number(pipe.SafePipeHandle.DangerousGetHandle())];
            foreach (var socket in sockets)
            {
                LinuxSockets.Share(socket.SafeHandle);
                var number = Number(socket.SafeHandle.DangerousGetHandle());
                numbers.Add(units.Has(socket) ? Predecessor.OfUnit + number : number);
            }

            start.Environment[Predecessor.Variable] = string.Join(' ', numbers);
            var process = Process.Start(start)!;
            pipe.DisposeLocalCopyOfClientHandle();
            return new Successor(process, pipe);
        }
        catch
        {
            pipe.Dispose();
            throw;
        }
    }

    /// <summary>Waits until it is so far; false when it has ended before, or says nothing for too long, and then it is ended.</summary>
    public async Task<bool> IsAsync(byte state, TimeSpan patience, CancellationToken cancel)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        waiting.CancelAfter(patience);
        var said = new byte[1];
        try
        {
            while (await _pipe.ReadAsync(said, waiting.Token) == 1)
            {
                if (said[0] == state)
                {
                    return true;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It hangs, or this process is told to end as well.
        }

        Kill();
        return false;
    }

    /// <summary>Ends it at once.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Tells it to end in order.</summary>
    public void End()
    {
        const int terminate = 15;
        _ = kill(Id, terminate);
    }

    public void Dispose()
    {
        _pipe.Dispose();
        _process.Dispose();
    }

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);

    private static string Number(nint handle) => handle.ToString(CultureInfo.InvariantCulture);
}
