using System.Diagnostics;
using System.Text;

namespace Edge.Tests.Whole;

/// <summary>"edge register" around a command that says that it runs and then waits for its end.</summary>
internal sealed class RegisteredCommand : IDisposable
{
    private readonly StringBuilder _output = new();
    private readonly Process _process;

    public RegisteredCommand(EdgeProcess edge, string to = "http://127.0.0.1:9") => _process = edge.Launch(
        ["register", "--name", "hello", "--to", to, "--ttl", "6s", "--", "sh", "-c", "echo the command runs; exec sleep 1000"],
        line =>
        {
            lock (_output)
            {
                _output.AppendLine(line);
            }
        });

    public bool HasEnded => _process.HasExited;

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public async Task EndAsync()
    {
        using var term = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }
}
