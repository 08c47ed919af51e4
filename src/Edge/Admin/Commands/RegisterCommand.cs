using System.CommandLine;
using Edge.Settings;

namespace Edge.Admin.Commands;

/// <summary><c>edge register … -- COMMAND</c>: a service for as long as a command lives.</summary>
internal static class RegisterCommand
{
    public static Command Build()
    {
        var name = new Option<string>("--name") { Description = "The service's name", Required = true };
        var to = new Option<string[]>("--to") { Description = "Where its requests go, such as http://127.0.0.1:9000 (repeat to balance)", Required = true };
        var host = new Option<string[]>("--host") { Description = "Its host name (default: NAME.NODE.DOMAIN; repeat for more)" };
        var listen = new Option<string[]>("--listen") { Description = "The port that clients use, where --to is tcp://, udp:// or tls:// (repeat for more)" };
        var expose = new Option<string?>("--expose") { Description = "lan or everywhere (default: everywhere)" };
        var ttl = new Option<string>("--ttl") { Description = "The lease: how long it outlives a lost connection", DefaultValueFactory = _ => "30s" };
        var run = new Argument<string[]>("command") { Description = "The command to run, after --", Arity = ArgumentArity.ZeroOrMore };
        var command = new ApiCommand("register", "Register a service while a command runs") { name, to, host, listen, expose, ttl, run };
        command.Does(async (parsed, api, cancel) =>
        {
            if (DurationText.Parse(parsed.GetValue(ttl)!) is not { } lease)
            {
                throw new CommandFailedException($"--ttl: \"{parsed.GetValue(ttl)}\" is not a time such as 30s or 5m");
            }

            var registration = new Registration(api, parsed.GetValue(name)!, parsed.GetValue(to)!, parsed.GetValue(host) ?? [], parsed.GetValue(listen) ?? [], parsed.GetValue(expose), lease, TimeProvider.System, Console.Error);
            return await RunAsync(registration, parsed.GetValue(run) ?? [], cancel);
        });
        return command;
    }

    private static async Task<int> RunAsync(Registration registration, string[] command, CancellationToken cancel)
    {
        // A refusal (wrong token, held host) is final and told before the command starts; an Edge that is away is waited for.
        await registration.FirstAsync(cancel);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var keeping = registration.KeepAsync(ended.Token);
        try
        {
            return command.Length == 0 ? await UntilStoppedAsync(cancel) : await ChildProcess.RunAsync(command, cancel);
        }
        finally
        {
            await ended.CancelAsync();
            await keeping;
            await registration.EndAsync();
        }
    }

    private static async Task<int> UntilStoppedAsync(CancellationToken cancel)
    {
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
        }
        catch (OperationCanceledException)
        {
            // Stopping is how this ends.
        }

        return 0;
    }
}
