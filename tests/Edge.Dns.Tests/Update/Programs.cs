using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace Edge.Dns.Tests.Update;

/// <summary>Programs of other people, and the files they want.</summary>
internal static class Programs
{
    /// <summary>Runs nsupdate with the lines of one update or several; what it printed, "" when all went well.</summary>
    public static string Nsupdate(int port, string key, IEnumerable<string> lines)
    {
        var start = new ProcessStartInfo("nsupdate", ["-t", "20", "-y", $"hmac-sha256:{key}:{UpdateServer.Secret}"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Start(start, "bind9-dnsutils");
        process.StandardInput.WriteLine($"server 127.0.0.1 {port}\nzone {UpdatedZone.Origin}\nttl 300");
        foreach (var line in lines)
        {
            process.StandardInput.WriteLine(line.Replace("%", $".{UpdatedZone.Origin}", StringComparison.Ordinal));
        }

        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (output + error.GetAwaiter().GetResult()).Trim();
    }

    public static Process Start(ProcessStartInfo start, string package)
    {
        start.Environment["PATH"] += ":/usr/sbin";
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            Assert.Skip($"{start.FileName} is missing: apt-get install {package}");
            throw;
        }
    }
}
