using System.CommandLine;
using Edge.Settings;

namespace Edge.Admin.Commands;

/// <summary><c>edge check</c>: everything that is wrong in the files, all at once, without starting anything.</summary>
internal static class CheckCommand
{
    public static Command Build()
    {
        var config = SharedOptions.Config();
        var command = new Command("check", "Say everything that is wrong in edge.yaml, zones and routes") { config };
        command.SetAction(parsed =>
        {
            var problems = new ProblemList();
            var options = EdgeOptionsFile.Load(parsed.GetValue(config)!, problems);
            var report = FileCheck.Of(options, problems);
            foreach (var line in report.Errors.Concat(report.Warnings))
            {
                Console.WriteLine(line);
            }

            Console.WriteLine(report.Errors.Length == 0
                ? $"no mistakes; zones: {report.Zones}, services: {report.Services}, other routes: {report.Routes}, warnings: {report.Warnings.Length}"
                : $"mistakes: {report.Errors.Length}, warnings: {report.Warnings.Length}");
            return report.Errors.Length == 0 ? 0 : 1;
        });
        return command;
    }
}
