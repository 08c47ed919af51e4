using System.CommandLine;
using Edge.Admin.Setup;
using Edge.Names;
using Edge.Names.Designation;
using Edge.Settings;

namespace Edge.Admin.Commands;

/// <summary><c>edge resolver setup</c>: prints what makes the devices of the house use this resolver, ready to be pasted.</summary>
internal static class ResolverCommand
{
    public static Command Build()
    {
        var config = SharedOptions.Config();
        var only = new Option<string?>("--for") { Description = $"Only what is for one program, without headings: {string.Join(", ", SetupParts.Words)}" };
        only.AcceptOnlyFromAmong([.. SetupParts.Words]);
        var apple = new Option<bool>("--apple") { Description = "Print a profile for iPhone, iPad and Mac (.mobileconfig)" };
        var tls = new Option<bool>("--tls") { Description = "With --apple: DNS over TLS instead of DNS over HTTPS" };
        var setup = new Command("setup", "Print lines for DHCP servers and clients that lead to this resolver, encrypted where it can be") { config, only, apple, tls };
        setup.SetAction(parsed =>
        {
            var problems = new ProblemList();
            var options = EdgeOptionsFile.Load(parsed.GetValue(config)!, problems);
            if (problems.Any)
            {
                throw new CommandFailedException(string.Join(Environment.NewLine, problems.All.Select(problem => problem.ToString())));
            }

            var facts = ResolverFacts.Of(options, MachineAddresses.Current);
            if (parsed.GetValue(apple))
            {
                Console.Write(AppleProfile.Make(facts, parsed.GetValue(tls) ? DesignatedProtocol.Tls : null)
                    ?? throw new CommandFailedException("no profile can be made: " + string.Join(" ", facts.Missing)));
            }
            else if (parsed.GetValue(only) is { } word)
            {
                Console.Write(SetupParts.Of(facts).Single(part => part.Word == word).Text);
            }
            else
            {
                Write(facts);
            }

            return 0;
        });
        return new Command("resolver", "How the resolver does, and what clients need to use it") { ResolverStateCommand.Build(), setup };
    }

    private static void Write(ResolverFacts facts)
    {
        Console.WriteLine($"# {facts.Name} at {string.Join(", ", facts.Addresses.Select(address => address.ToString()))}");
        Console.WriteLine($"# encrypted: {(facts.Transports.IsEmpty ? "nothing that clients of the LAN reach" : string.Join(", ", facts.Transports.Select(transport => $"{transport.Protocol.ToString().ToUpperInvariant()} at port {transport.Port}")))}");
        foreach (var missing in facts.Missing)
        {
            Console.WriteLine($"# ! {missing}");
        }

        foreach (var part in SetupParts.Of(facts))
        {
            Console.WriteLine($"\n# --- {part.Title}");
            Console.Write(part.Text);
        }
    }
}
