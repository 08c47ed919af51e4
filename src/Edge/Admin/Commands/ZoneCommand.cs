using System.CommandLine;

namespace Edge.Admin.Commands;

/// <summary><c>edge zone …</c>: what one does with single zones and their files.</summary>
internal static class ZoneCommand
{
    public static Command Build() => new("zone", "Work with single zones and their files")
    {
        ZoneCheckCommand.Build(),
        ZoneSignCommand.Build(),
        ZoneKeysCommand.Build(),
        ZoneRollCommand.Build(),
        ZoneFormatCommand.Build(),
        ZoneExportCommand.Build(),
        ZoneDiffCommand.Build(),
        ZoneChangesCommand.BuildChanges(),
        ZoneChangesCommand.BuildForget(),
    };
}
