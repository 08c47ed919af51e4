using System.CommandLine;
using Edge.Dns.Files;
using Edge.Dns.Zones;

namespace Edge.Admin.Commands;

/// <summary><c>edge zone format FILE [--write]</c>: the tidy form of a zone file, which means exactly the same.</summary>
internal static class ZoneFormatCommand
{
    private const long LargestFile = 512L << 20;

    public static Command Build()
    {
        var files = new Argument<string[]>("file") { Description = "Zone files, or parts of them", Arity = ArgumentArity.OneOrMore };
        var write = new Option<bool>("--write", "-w") { Description = "Put the tidy form into the file instead of printing it" };
        var command = new Command("format", "Tidy up zone files: columns, spaces, line ends; comments stay") { files, write };
        command.SetAction(parsed =>
        {
            var failed = false;
            foreach (var file in parsed.GetValue(files)!)
            {
                failed |= !Format(file, parsed.GetValue(write));
            }

            return failed ? 1 : 0;
        });
        return command;
    }

    private static bool Format(string file, bool write)
    {
        try
        {
            var content = OrdinaryFile.ReadBytes(file, LargestFile);
            if (ZoneFileFormat.Format(content, file, out var problems) is not { } tidy)
            {
                foreach (var problem in problems)
                {
                    Console.Error.WriteLine(problem);
                }

                return false;
            }

            if (!write)
            {
                using var output = Console.OpenStandardOutput();
                output.Write(tidy);
            }
            else if (!content.AsSpan().SequenceEqual(tidy))
            {
                Replace(file, tidy);
                Console.WriteLine($"{file} is tidy now");
            }

            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"{file}: {error.Message}");
        }
    }

    // A new file takes the old one's place at once: whoever reads it meanwhile, Edge too, sees the one or the other.
    private static void Replace(string file, byte[] content)
    {
        var target = new FileInfo(file).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? Path.GetFullPath(file);
        var beside = Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{Guid.NewGuid():N}");
        try
        {
            using (var stream = new FileStream(beside, FileMode.CreateNew))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(beside, File.GetUnixFileMode(target));
            }

            File.Move(beside, target, overwrite: true);
        }
        finally
        {
            File.Delete(beside);
        }
    }
}
