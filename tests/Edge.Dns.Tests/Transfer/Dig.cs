using System.Diagnostics;
using Edge.Dns.Zones;
using Xunit;

namespace Edge.Dns.Tests.Transfer;

/// <summary>dig, and what it prints.</summary>
internal static class Dig
{
    public static string Run(string arguments, string program = "dig")
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, $"+time=30 {arguments}") { RedirectStandardOutput = true })!;
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return output;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip($"{program} is missing: apt-get install {(program == "dig" ? "bind9-dnsutils" : "knot-dnsutils")}");
            throw;
        }
    }

    /// <summary>The records of the answer in one form, in the order of the answer.</summary>
    public static List<string> Records(string arguments, string program = "dig") =>
    [
        .. Run($"{arguments} +noall +answer", program).Split('\n').Where(line => line.Length > 0 && line[0] != ';').Select(line => RecordText.Format(RecordText.Parse(line))),
    ];
}
