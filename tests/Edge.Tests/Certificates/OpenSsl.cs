using System.ComponentModel;
using System.Diagnostics;
using Xunit;

namespace Edge.Tests.Certificates;

/// <summary>The real openssl.</summary>
internal static class OpenSsl
{
    /// <summary>Its output and its errors; skips the test where it is not installed.</summary>
    public static string Run(params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo("openssl", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return output + errors.Result;
        }
        catch (Win32Exception)
        {
            Assert.Skip("openssl is not installed: apt-get install openssl");
            throw;
        }
    }
}
