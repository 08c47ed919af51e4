using System.CommandLine;
using Edge.Settings;

namespace Edge.Admin.Commands;

/// <summary><c>edge run</c>: serves until it is told to stop.</summary>
internal static class RunCommand
{
    public static Command Build()
    {
        var config = SharedOptions.Config();
        var command = new Command("run", "Serve names, certificates and routes until stopped") { config };
        command.SetAction(async (parsed, cancel) =>
        {
            // System.CommandLine listens to signals only when the action has begun to wait: from here on a SIGTERM is an ordered end.
            await Task.Yield();
            var problems = new ProblemList();
            var options = EdgeOptionsFile.Load(parsed.GetValue(config)!, problems);
            if (problems.Any)
            {
                foreach (var problem in problems.All)
                {
                    await Console.Error.WriteLineAsync($"edge: {problem}");
                }

                return 2;
            }

            return await EdgeProgram.RunAsync(options, parsed.GetValue(config)!, problems.Files, cancel);
        });
        return command;
    }
}
