using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Xunit;

namespace Edge.Dns.Tests.Views;

/// <summary>A network namespace of its own for one test; code runs in it on a thread that has entered it (setns(2)).</summary>
internal sealed partial class NetworkNamespace : IDisposable
{
    private const int CloneNewNet = 0x40000000;
    private readonly string _name = $"edgetest{Environment.ProcessId}{Interlocked.Increment(ref _count)}";
    private static int _count;

    private NetworkNamespace()
    {
    }

    public static NetworkNamespace CreateOrSkip()
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root" || !File.Exists("/usr/sbin/ip") && !File.Exists("/sbin/ip"))
        {
            Assert.Skip("network namespaces need Linux, root and ip: apt-get install iproute2");
        }

        var made = new NetworkNamespace();
        if (Run("netns", "add", made._name) != 0)
        {
            Assert.Skip("the kernel refuses a network namespace here");
        }

        return made;
    }

    /// <summary>Runs `ip` inside; fails the test when it fails.</summary>
    public void Ip(string arguments) => Assert.Equal(0, Run(["-n", _name, .. arguments.Split(' ')]));

    /// <summary>Runs the code on a thread inside the namespace.</summary>
    public T Inside<T>(Func<T> code)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                using var handle = File.OpenHandle($"/run/netns/{_name}");
                Assert.Equal(0, SetNs((int)handle.DangerousGetHandle(), CloneNewNet));
                result = code();
            }
            catch (Exception error)
            {
                failure = ExceptionDispatchInfo.Capture(error);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }

    public void Dispose() => Run("netns", "del", _name);

    private static int Run(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", arguments))!;
        process.WaitForExit();
        return process.ExitCode;
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNs(int fd, int kind);
}
