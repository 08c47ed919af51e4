using System.CommandLine;
using System.Text;
using Edge.Dns.Files;

namespace Edge.Admin.Commands;

/// <summary>
/// Where a command puts a secret that it has made: into a file that only its owner can read, or on the standard output. A shell
/// makes the file behind &gt; for everybody, which is told.
/// </summary>
internal sealed class SecretOutput
{
    private const UnixFileMode ForOthers = UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    public Option<string?> Option { get; } = new("--out") { Description = "A file for it, which must not be there yet; only its owner can read it (default: print it)" };

    /// <summary>Makes the secret and puts it there. The file is made first: a secret that can be put nowhere is not made.</summary>
    public async Task<int> WriteAsync(ParseResult parsed, Func<Task<string>> make)
    {
        if (parsed.GetValue(Option) is not { } file)
        {
            Console.WriteLine(await make());
            if (FileForOthers() is { } readable)
            {
                await Console.Error.WriteLineAsync($"edge: {readable} holds a secret now and can be read by others: chmod 600 it, or use --out FILE");
            }

            return 0;
        }

        using var to = Open(file);
        try
        {
            await to.WriteAsync(Encoding.UTF8.GetBytes(await make() + "\n"));
            to.Flush(flushToDisk: true);
            return 0;
        }
        catch
        {
            File.Delete(file);
            throw;
        }
    }

    private static FileStream Open(string file)
    {
        try
        {
            return new FileStream(file, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = DurableFile.PrivateFile });
        }
        catch (IOException) when (File.Exists(file))
        {
            throw new CommandFailedException($"--out: {file} is there already and is left as it is");
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"--out: {wrong.Message}");
        }
    }

    // Pipes, terminals and devices have no path of their own there.
    private static string? FileForOthers()
    {
        try
        {
            return new FileInfo("/proc/self/fd/1").LinkTarget is { } path && path.StartsWith('/') && !path.StartsWith("/dev/", StringComparison.Ordinal)
                && (File.GetUnixFileMode(path) & ForOthers) != 0 ? path : null;
        }
        catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
