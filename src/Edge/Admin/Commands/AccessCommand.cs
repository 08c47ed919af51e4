using System.CommandLine;
using Edge.Access;

namespace Edge.Admin.Commands;

/// <summary><c>edge access hash</c>: makes the hash of a password for edge.yaml or the users file.</summary>
internal static class AccessCommand
{
    private const int LongestPassword = 1024;

    public static Command Build() => new("access", "Passwords of those who may use services") { Hash() };

    private static Command Hash()
    {
        var command = new Command("hash", "Read a password from the terminal or the standard input, and print its hash");
        command.SetAction(_ =>
        {
            var password = Console.IsInputRedirected ? Console.In.ReadLine() : Ask();
            if (string.IsNullOrEmpty(password) || password.Length > LongestPassword)
            {
                throw new CommandFailedException($"a password has 1 to {LongestPassword} characters");
            }

            Console.WriteLine(PasswordHash.Make(password));
            return 0;
        });
        return command;
    }

    // Not echoed, and so asked for twice.
    private static string Ask()
    {
        var first = ReadHidden("password: ");
        return first == ReadHidden("again: ") ? first : throw new CommandFailedException("the two are not the same");
    }

    private static string ReadHidden(string prompt)
    {
        Console.Error.Write(prompt);
        var typed = new System.Text.StringBuilder();
        while (Console.ReadKey(intercept: true) is var key && key.Key != ConsoleKey.Enter)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                typed.Length = Math.Max(0, typed.Length - 1);
            }
            else if (!char.IsControl(key.KeyChar) && typed.Length <= LongestPassword)
            {
                typed.Append(key.KeyChar);
            }
        }

        Console.Error.WriteLine();
        return typed.ToString();
    }
}
