using System.CommandLine;

namespace Edge.Admin.Commands;

/// <summary>The command line: <c>edge run</c> and everything beside it.</summary>
internal static class EdgeCommand
{
    // As long as gateway.drain may be, and what comes after it.
    private static readonly TimeSpan LongestEnd = TimeSpan.FromMinutes(61);

    public static async Task<int> RunAsync(string[] args)
    {
        var parsed = Parse(IsRun(args) ? ["run", .. args] : args);
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = LongestEnd });
        }
        catch (CommandFailedException failed)
        {
            await Console.Error.WriteLineAsync($"edge: {failed.Message}");
            return 1;
        }
        catch (OperationCanceledException)
        {
            return 130;
        }
    }

    // What is to serve soon does not wait for the texts of help for all commands. Where there is any doubt, they are there.
    private static ParseResult Parse(string[] args) =>
        args[0] == "run" && new Command("edge") { RunCommand.Build() }.Parse(args) is { Errors.Count: 0 } run ? run : Everything().Parse(args);

    private static RootCommand Everything() =>
        new("Names, certificates and routes for the services you host yourself. Without a command it runs.")
        {
            RunCommand.Build(),
            CheckCommand.Build(),
            ExplainCommand.Build(),
            RegisterCommand.Build(),
            ServicesCommand.Build(),
            QueriesCommand.Build(),
            CertsCommand.Build(),
            ZonesCommand.Build(),
            FilterCommand.Build(),
            ZoneCommand.Build(),
            DynamicCommand.Build(),
            OutwardCommand.Build(),
            WayInCommand.Build(),
            TokenCommand.Build(),
            AccessCommand.Build(),
            BansCommand.Build(),
            CaCommand.Build(),
            KeyCommand.Build(),
            ResolverCommand.Build(),
            HealthCommand.Build(),
        };

    // Without a verb it runs: "dotnet run --project src/Edge" is the first thing a newcomer types, and "edge --config FILE" the next.
    private static bool IsRun(string[] args) => args.Length == 0 || (args[0].StartsWith('-') && args[0] is not ("--help" or "-h" or "-?" or "--version"));
}
