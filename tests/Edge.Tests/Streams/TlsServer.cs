using System.Diagnostics;
using System.Net.Sockets;
using Edge.Tests.Whole;

namespace Edge.Tests.Streams;

/// <summary>A service that ends TLS itself: openssl's, with a certificate it made for itself.</summary>
internal sealed class TlsServer : IDisposable
{
    private readonly Process _process;

    private TlsServer(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    public static async Task<TlsServer> StartAsync(string folder, string name)
    {
        var (key, certificate, port) = (Path.Combine(folder, "own.key"), Path.Combine(folder, "own.crt"), EdgeProcess.FreePort());
        await Shell.OutputAsync("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", $"/CN={name}", "-keyout", key, "-out", certificate);
        var process = Process.Start(new ProcessStartInfo("openssl", ["s_server", "-accept", $"127.0.0.1:{port}", "-key", key, "-cert", certificate, "-www", "-quiet"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        await Eventually.TrueAsync(() => Task.FromResult(IsOpen(port)), () => "openssl s_server did not start");
        return new TlsServer(process, port);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static bool IsOpen(int port)
    {
        try
        {
            using var client = new TcpClient("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
