using System.CommandLine;
using Edge.Dns.Zones;

namespace Edge.Admin.Commands;

/// <summary><c>edge zone check [FILE|ZONE…]</c>: everything that is wrong in zone files, without a running Edge.</summary>
internal static class ZoneCheckCommand
{
    public static Command Build()
    {
        var targets = new Argument<string[]>("file|zone") { Description = "Zone files, or names of zones; without one, every file of the zones folder", Arity = ArgumentArity.ZeroOrMore };
        var origin = ZoneFiles.OriginOption();
        var config = SharedOptions.Config();
        var command = new Command("check", "Say everything that is wrong in zone files, with line and hint") { targets, origin, config };
        command.SetAction(parsed =>
        {
            var files = ZoneFiles.Open(parsed.GetValue(config)!, parsed.GetValue(origin));
            var asked = parsed.GetValue(targets) ?? [];
            ZoneProblem[] problems = [.. (asked.Length == 0 ? files.CheckAll() : asked.SelectMany(files.Check)).Distinct()];
            foreach (var problem in problems.OrderByDescending(problem => problem.IsError))
            {
                Console.WriteLine(problem);
            }

            var errors = problems.Count(problem => problem.IsError);
            Console.WriteLine(errors == 0 ? $"no mistakes; warnings: {problems.Length}" : $"mistakes: {errors}, warnings: {problems.Length - errors}");
            return errors == 0 ? 0 : 1;
        });
        return command;
    }
}
