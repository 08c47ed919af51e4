using Edge.Dns.Files;
using Edge.Dns.Wire;
using Edge.Outward;

namespace Edge.Admin;

/// <summary>What <c>edge check</c> says of names that others serve: the files with their secrets, which are read when something is sent, and zones that are ours.</summary>
internal static class OutwardCheck
{
    private const int MostBytes = 4096;

    public static IEnumerable<string> Of(EdgeOptions options)
    {
        if (options.Outward.IsEmpty)
        {
            return [];
        }

        var own = ZoneSettingsCheck.Own(options);
        return
        [
            .. from name in options.Outward
               let problem = ProblemOf(name)
               where problem is not null
               select $"{options.Places.Of("outward", name.Host)}: {problem}",
            .. from name in options.Outward
               let zone = own.Where(Name.Parse(name.Host).IsAtOrBelow).MaxBy(zone => zone.LabelCount)
               where zone is not null
               select $"{options.Places.Of("outward", name.Host)}: lies in {zone.ToHostString()}, a zone of ours: who asks this Edge does not see what is sent to others; declare the name here as well, or take it out",
        ];
    }

    private static string? ProblemOf(OutwardName name)
    {
        if (!File.Exists(name.SecretFile))
        {
            return $"{name.SecretFile} is not there, and nothing can be sent without it";
        }

        if (OrdinaryFile.ProblemOf(name.SecretFile, MostBytes) is { } wrong)
        {
            return $"{name.SecretFile} cannot be read: {wrong}; nothing can be sent without it";
        }

        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(name.SecretFile) & UnixFileMode.OtherRead) != 0)
        {
            return $"everybody on this machine can read {name.SecretFile}; chmod 600 it";
        }

        try
        {
            return name.ProblemOf(OutwardSecret.Read(name.SecretFile));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return $"{name.SecretFile} cannot be read: {unreadable.Message}; nothing can be sent without it";
        }
    }
}
