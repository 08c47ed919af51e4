using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Edge.Tests.Whole;
using TemporaryFolder = Edge.Tests.Certificates.TemporaryFolder;

namespace Edge.Tests.Streams;

/// <summary>A login over SSH through a port of Edge, both ends OpenSSH's own.</summary>
public sealed class SshTests : IDisposable
{
    // What it needs to give up its rights, where it has any. Debian makes it when the service starts.
    private const string Separation = "/run/sshd";

    private readonly TemporaryFolder _folder = new();
    private readonly bool _isOurs = Environment.IsPrivilegedProcess && !Directory.Exists(Separation);
    private Process? _sshd;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_login_carries_both_ways_and_ends_as_the_command_did()
    {
        Shell.Need("sshd", "openssh-server");
        Shell.Need("ssh", "openssh-client");
        Assert.SkipWhen(IsLocked(Environment.UserName), $"the account {Environment.UserName} is locked, and sshd lets nobody in to it");
        await using var edge = EdgeProcess.InExampleFolder();
        var (behind, port) = (EdgeProcess.FreePort(), EdgeProcess.FreePort());
        await StartServerAsync(behind);
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "proxy-routes", "ssh.yaml"), $"services:\n  ssh: {{ to: \"tcp://127.0.0.1:{behind}\", listen: {port} }}\n", Cancel);
        await edge.StartAsync();

        // More than any buffer on the way holds, and the end of the input before the answer.
        var said = RandomNumberGenerator.GetBytes(20_000_000);
        var (output, exitCode) = await LoginAsync(port, "sha256sum; printf done >&2; exit 7", said);
        Assert.StartsWith(Convert.ToHexStringLower(SHA256.HashData(said)), output, StringComparison.Ordinal);
        Assert.Equal(7, exitCode);
    }

    public void Dispose()
    {
        _sshd?.Kill();
        _sshd?.WaitForExit();
        _sshd?.Dispose();
        if (_isOurs && Directory.Exists(Separation))
        {
            Directory.Delete(Separation);
        }

        _folder.Dispose();
    }

    private static bool IsLocked(string user) => Environment.IsPrivilegedProcess
        && File.ReadLines("/etc/shadow").Any(line => line.StartsWith(user + ":!", StringComparison.Ordinal));

    private string At(string name) => Path.Combine(_folder.Path, name);

    private async Task StartServerAsync(int port)
    {
        foreach (var key in (string[])["host", "login"])
        {
            await Shell.OutputAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", At(key));
        }

        if (_isOurs)
        {
            Directory.CreateDirectory(Separation, (UnixFileMode)0b111_101_101);
        }

        await File.WriteAllTextAsync(At("sshd_config"), $"""
            ListenAddress 127.0.0.1:{port}
            HostKey {At("host")}
            AuthorizedKeysFile {At("login.pub")}
            AuthenticationMethods publickey
            PermitRootLogin yes
            StrictModes no
            UsePAM no
            PidFile none

            """, Cancel);
        var program = File.Exists("/usr/sbin/sshd") ? "/usr/sbin/sshd" : "sshd";
        _sshd = Process.Start(new ProcessStartInfo(program, ["-D", "-e", "-f", At("sshd_config")]) { RedirectStandardError = true })!;
        var log = _sshd.StandardError.ReadToEndAsync(Cancel);
        await Eventually.TrueAsync(() => Task.FromResult(IsOpen(port)), () => log.IsCompleted ? log.Result : "sshd did not start", () => _sshd.HasExited);
    }

    private async Task<(string Output, int ExitCode)> LoginAsync(int port, string command, byte[] input)
    {
        string[] arguments =
        [
            "-F", "none", "-i", At("login"), "-p", $"{port}", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", "IdentitiesOnly=yes",
            "-o", $"UserKnownHostsFile={At("known")}", $"{Environment.UserName}@127.0.0.1", command,
        ];
        await File.WriteAllTextAsync(At("known"), $"[127.0.0.1]:{port} {await File.ReadAllTextAsync(At("host.pub"), Cancel)}", Cancel);
        using var ssh = Process.Start(new ProcessStartInfo("ssh", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (ssh.StandardOutput.ReadToEndAsync(Cancel), ssh.StandardError.ReadToEndAsync(Cancel));
        try
        {
            await ssh.StandardInput.BaseStream.WriteAsync(input, Cancel);
            ssh.StandardInput.Close();
        }
        catch (IOException)
        {
            // It was refused: it says why.
        }

        await ssh.WaitForExitAsync(Cancel);
        return ((await output) + (ssh.ExitCode == 255 ? await error : ""), ssh.ExitCode);
    }

    private static bool IsOpen(int port)
    {
        try
        {
            using var client = new TcpClient();
            client.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
