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
            try
            {
                Console.Write(File.ReadAllText(path));
            }
            catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
            {
                throw new CommandFailedException($"{path} is not there; Edge makes it when it first runs (is {parsed.GetValue(config)} the right settings file?)");
            }
            catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
            {
                throw new CommandFailedException($"{path} cannot be read by this user: {denied.Message}");
            }

            return 0;
        });
        return command;
    }
}
