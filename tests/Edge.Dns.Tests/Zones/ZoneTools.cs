using System.Buffers.Binary;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Zones;

/// <summary>Other servers' readers of zone files, put to the same text.</summary>
internal static partial class ZoneTools
{
    /// <summary>The records that BIND reads, one a line with single spaces, sorted.</summary>
    public static async Task<List<string>> CompileAsync(string origin, string text)
    {
        var folder = Directory.CreateTempSubdirectory("edge-zone");
        try
        {
            var (input, output) = (Path.Combine(folder.FullName, "in"), Path.Combine(folder.FullName, "out"));
            await File.WriteAllTextAsync(input, text, TestContext.Current.CancellationToken);
            var (_, log) = await RunAsync("bind9-utils", "named-compilezone", "-i", "none", "-k", "ignore", "-s", "full", "-o", output, origin, input);
            Assert.True(File.Exists(output), log);
            return [.. (await File.ReadAllLinesAsync(output, TestContext.Current.CancellationToken)).Where(line => !line.StartsWith(';')).Select(line => Spaces().Replace(line, " ").TrimEnd()).Order(StringComparer.Ordinal)];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The records that BIND reads, as "owner type data" with the data's bytes in hexadecimal.</summary>
    public static async Task<List<string>> CompileRawAsync(string origin, string text)
    {
        var folder = Directory.CreateTempSubdirectory("edge-zone");
        try
        {
            var (input, output) = (Path.Combine(folder.FullName, "in"), Path.Combine(folder.FullName, "out"));
            await File.WriteAllTextAsync(input, text, TestContext.Current.CancellationToken);
            var (_, log) = await RunAsync("bind9-utils", "named-compilezone", "-i", "none", "-k", "ignore", "-F", "raw", "-o", output, origin, input);
            Assert.True(File.Exists(output), log);
            return ReadRaw(await File.ReadAllBytesAsync(output, TestContext.Current.CancellationToken));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // BIND's own form: a header of six numbers, then for each RRset its length, class, type, covered type, TTL, number of
    // records, name, and the records.
    private static List<string> ReadRaw(ReadOnlySpan<byte> file)
    {
        var lines = new List<string>();
        for (file = file[24..]; !file.IsEmpty; file = file[(int)BinaryPrimitives.ReadUInt32BigEndian(file)..])
        {
            var type = BinaryPrimitives.ReadUInt16BigEndian(file[6..]);
            var count = BinaryPrimitives.ReadUInt32BigEndian(file[14..]);
            var name = BinaryPrimitives.ReadUInt16BigEndian(file[18..]);
            var records = file[(20 + name)..];
            for (; count > 0; count--)
            {
                var length = BinaryPrimitives.ReadUInt16BigEndian(records);
                lines.Add($"{Name.FromWire(file.Slice(20, name))} {type} {Convert.ToHexString(records.Slice(2, length))}");
                records = records[(2 + length)..];
            }
        }

        return lines;
    }

    /// <summary>Runs a program to its end; skips the test where it is not installed.</summary>
    /// <param name="package">The Debian package that holds it.</param>
    /// <param name="program">Its name.</param>
    /// <param name="arguments">Its arguments.</param>
    public static async Task<(int ExitCode, string Output)> RunAsync(string package, string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, output + await error);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip($"{program} is missing: apt-get install {package}");
            return default;
        }
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
