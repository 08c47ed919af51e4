using System.CommandLine;
using System.Text;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Admin.Commands;

/// <summary><c>edge zone diff</c>: two views of a zone, a file and what is served, or two files, record by record.</summary>
internal static class ZoneDiffCommand
{
    public static Command Build()
    {
        var sides = new Argument<string[]>("zone|file") { Description = "A zone, and with it a file; or two files", Arity = new ArgumentArity(1, 2) };
        var views = new Option<string[]>("--view") { Description = "Whose zone; twice to compare two views", AllowMultipleArgumentsPerToken = false };
        var from = new Option<string?>("--from") { Description = "Whose zone: the view in which the client with this address is" };
        var origin = ZoneFiles.OriginOption();
        var command = new ApiCommand("diff", "Show how two versions of a zone differ; ends with 1 if they do", json: false) { sides, views, from, origin };
        command.DoesIfNeeded(async (parsed, open, cancel) =>
        {
            var files = ZoneFiles.Open(command.ConfigOf(parsed), parsed.GetValue(origin));
            var (before, after) = await ReadAsync(parsed.GetValue(sides)!, parsed.GetValue(views) ?? [], parsed.GetValue(from), files, open, cancel);
            return Write(Console.Out, before, after) ? 1 : 0;
        });
        return command;
    }

    private static async Task<(ZoneSide Before, ZoneSide After)> ReadAsync(string[] sides, string[] views, string? from, ZoneFiles files, Func<AdminClient> open, CancellationToken cancel)
    {
        var areFiles = sides.Select(File.Exists).ToArray();
        if (from is not null && (views.Length > 0 || areFiles.All(isFile => isFile)))
        {
            throw new CommandFailedException("--from says in which view the zone is, instead of one --view");
        }

        switch (areFiles, views.Length)
        {
            case ([false], 2):
                using (var api = open())
                {
                    return (await ServedAsync(api, sides[0], views[0], null, cancel), await ServedAsync(api, sides[0], views[1], null, cancel));
                }

            case ([false], _):
                throw new CommandFailedException($"what is {sides[0]} to be compared with? Name two views (--view lan --view public), or a file");
            case ([true], _):
                throw new CommandFailedException($"what is {sides[0]} to be compared with? Name a zone and the view in which it is served, or a second file");
            case ([true, true], 0):
                return (OfFile(sides[0], files.OriginOf(sides[0])), OfFile(sides[1], files.OriginOf(sides[1])));
            case ([true, true], _):
                throw new CommandFailedException("two files belong to no view: leave --view out");
            case ([false, false], _):
                throw new CommandFailedException($"there is no file {sides[1]}");
            case (_, > 1):
                throw new CommandFailedException("a file is compared with one view: give --view once");
            default:
                using (var api = open())
                {
                    var zone = areFiles[0] ? sides[1] : sides[0];
                    var served = await ServedAsync(api, zone, views.FirstOrDefault(), from, cancel);
                    var file = OfFile(areFiles[0] ? sides[0] : sides[1], ZoneFiles.ParseOrigin(zone, zone));
                    return areFiles[0] ? (file, served) : (served, file);
                }
        }
    }

    private static async Task<ZoneSide> ServedAsync(AdminClient api, string zone, string? view, string? from, CancellationToken cancel)
    {
        var text = await ZoneExportCommand.FetchAsync(api, zone, view, from, cancel);
        var title = view is not null ? $"{zone} in the view {view}" : from is not null ? $"{zone} as {from} sees it" : $"{zone} as it is served";
        return new ZoneSide(title, ZoneFile.Parse(Encoding.ASCII.GetBytes(text), title, ZoneFiles.ParseOrigin(zone, zone)).Records);
    }

    private static ZoneSide OfFile(string file, Name origin)
    {
        var read = ZoneFile.Read(file, file, origin);
        var errors = read.Problems.Where(problem => problem.IsError).Select(problem => problem.ToString()).ToList();
        return errors.Count == 0 ? new ZoneSide(file, read.Records) : throw new CommandFailedException("the file has mistakes:" + Environment.NewLine + string.Join(Environment.NewLine, errors));
    }

    private static bool Write(TextWriter to, ZoneSide before, ZoneSide after)
    {
        var lines = before.ChangesTo(after);
        if (lines.Count == 0)
        {
            return false;
        }

        to.WriteLine($"--- {before.Title}");
        to.WriteLine($"+++ {after.Title}");
        lines.ForEach(to.WriteLine);
        return true;
    }
}
