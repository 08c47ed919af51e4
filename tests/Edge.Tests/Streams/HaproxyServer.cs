using System.Diagnostics;
using System.Net.Sockets;
using Edge.Tests.Whole;

namespace Edge.Tests.Streams;

/// <summary>A real HAProxy with a configuration of the test's; PORT in it becomes <see cref="Port"/>.</summary>
internal sealed class HaproxyServer : IDisposable
{
    private readonly string _file;
    private Process? _process;

    public HaproxyServer(string folder, string configuration)
    {
        _file = Path.Combine(folder, "haproxy.cfg");
        File.WriteAllText(_file, "defaults\n  timeout connect 5s\n  timeout client 10s\n  timeout server 10s\n" + configuration.Replace("PORT", $"{Port}", StringComparison.Ordinal) + "\n");
    }

    public int Port { get; } = EdgeProcess.FreePort();

    public async Task StartAsync()
    {
        var program = File.Exists("/usr/sbin/haproxy") ? "/usr/sbin/haproxy" : "haproxy";
        _process = Process.Start(new ProcessStartInfo(program, ["-db", "-q", "-f", _file]) { RedirectStandardError = true })!;
        var said = _process.StandardError.ReadToEndAsync();
        await Eventually.TrueAsync(() => Task.FromResult(IsOpen()), () => said.IsCompleted ? said.Result : "HAProxy did not start", () => _process.HasExited);
    }

    public void Dispose()
    {
        _process?.Kill();
        _process?.WaitForExit();
        _process?.Dispose();
    }

    private bool IsOpen()
    {
        try
        {
            using var client = new TcpClient("127.0.0.1", Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
