using System.ComponentModel;
using System.Diagnostics;
using Xunit;

namespace Edge.Dns.Tests.Signing;

/// <summary>A program of other people that judges what Edge signs.</summary>
internal static class Tool
{
    private static readonly Dictionary<string, string> Packages = new()
    {
        ["ldns-verify-zone"] = "ldnsutils",
        ["ldns-key2ds"] = "ldnsutils",
        ["dnssec-verify"] = "bind9-utils",
        ["delv"] = "bind9-dnsutils",
        ["dig"] = "bind9-dnsutils",
        ["kdig"] = "knot-dnsutils",
        ["dnssec-signzone"] = "bind9-utils",
        ["dnssec-keygen"] = "bind9-utils",
        ["dnssec-dsfromkey"] = "bind9-utils",
    };

    /// <summary>Runs it to its end; its exit code, and all that it printed.</summary>
    public static (int Code, string Output) Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] += ":/usr/sbin";
        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + errors.GetAwaiter().GetResult());
        }
        catch (Win32Exception)
        {
            Assert.Skip($"{program} is missing: apt-get install {Packages[program]}");
            throw;
        }
    }
}
