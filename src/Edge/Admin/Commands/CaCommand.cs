using System.CommandLine;
using Edge.Settings;

namespace Edge.Admin.Commands;

/// <summary><c>edge ca</c>: prints the root certificate of Edge's own CA, to be trusted by the clients of the house.</summary>
internal static class CaCommand
{
    public static Command Build()
    {
        var config = SharedOptions.Config();
        var command = new Command("ca", "Print the root certificate of Edge's own CA as PEM") { config };
        command.SetAction(parsed =>
        {
            var options = EdgeOptionsFile.Load(parsed.GetValue(config)!, new ProblemList());
            var path = Path.Combine(options.PathOf(options.Data), "ca", "root.crt");
            if (!File.Exists(path))
            {
                throw new CommandFailedException($"{path} is not there yet; Edge makes it when it first runs");
            }

            Console.Write(File.ReadAllText(path));
            return 0;
        });
        return command;
    }
}
