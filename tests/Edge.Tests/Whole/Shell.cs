using System.Diagnostics;

namespace Edge.Tests.Whole;

/// <summary>Real programs, as a user would run them.</summary>
internal static class Shell
{
    /// <summary>Skips the test when a program is not on this machine.</summary>
    public static void Need(string program, string package) =>
        Assert.SkipUnless(Find(program) is not null, $"{program} is not installed (apt-get install {package})");

    /// <summary>Whether a program is on this machine.</summary>
    public static bool Has(string program) => Find(program) is not null;

    public static async Task<string> OutputAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(Find(program) ?? program) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (output + await error).TrimEnd();
    }

    // The daemons of Debian live in /usr/sbin, which is not on every user's PATH.
    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Append("/sbin")
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
