using System.CommandLine;

namespace Edge.Admin.Commands;

/// <summary>Options that several commands share; made anew for each, as the parser wants it.</summary>
internal static class SharedOptions
{
    public static Option<string> Config() => new("--config", "-c") { Description = "The settings file", DefaultValueFactory = _ => EdgeOptionsFile.DefaultName };

    public static Option<string?> Url() => new("--url") { Description = "The admin API of another Edge, such as http://192.168.1.10:8480 (or EDGE_URL)" };

    public static Option<string?> Token() => new("--token") { Description = "The token to use (or EDGE_TOKEN; on the box itself data/admin.token)" };

    public static Option<bool> Json() => new("--json") { Description = "Print JSON" };
}
