using Edge.Dns.Files;

namespace Edge.Admin;

/// <summary>What <c>edge check</c> says of names that others serve: the files with their secrets, which are read when something is sent.</summary>
internal static class OutwardCheck
{
    private const long MostBytes = 4096;

    public static IEnumerable<string> Of(EdgeOptions options)
    {
        foreach (var name in options.Outward)
        {
            if (!File.Exists(name.SecretFile))
            {
                yield return $"edge.yaml: outward.{name.Host}: {name.SecretFile} is not there, and nothing can be sent without it";
            }
            else if (OrdinaryFile.ProblemOf(name.SecretFile, MostBytes) is { } wrong)
            {
                yield return $"edge.yaml: outward.{name.Host}: {name.SecretFile} cannot be read: {wrong}; nothing can be sent without it";
            }
            else if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(name.SecretFile) & UnixFileMode.OtherRead) != 0)
            {
                yield return $"edge.yaml: outward.{name.Host}: everybody on this machine can read {name.SecretFile}; chmod 600 it";
            }
        }
    }
}
