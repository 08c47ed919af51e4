using System.CommandLine;
using System.Security.Cryptography;
using Edge.Dns.Tsig;
using Edge.Dns.Wire;

namespace Edge.Admin.Commands;

/// <summary><c>edge key create</c>: makes a secret to share with another server or a client, and says where to write it.</summary>
internal static class KeyCommand
{
    public static Command Build()
    {
        var name = new Argument<string>("name") { Description = "The key's name, the same on both sides, such as ns2 or laptop.example.com" };
        var algorithm = new Option<string>("--algorithm") { Description = "How signatures are made", DefaultValueFactory = _ => TsigAlgorithm.HmacSha256.Text };
        algorithm.AcceptOnlyFromAmong([.. TsigAlgorithm.Texts]);
        var output = new SecretOutput();
        var create = new Command("create", "Make a key (TSIG) and print it for edge.yaml, BIND, Knot, NSD and nsupdate") { name, algorithm, output.Option };
        create.SetAction((parsed, _) =>
        {
            var text = parsed.GetValue(name)!;
            if (!Name.TryParse(text, Name.Root, out var key, out var error) || key.IsRoot)
            {
                throw new CommandFailedException($"\"{text}\" cannot be the name of a key: {error ?? "it is empty"}");
            }

            var chosen = TsigAlgorithm.Find(parsed.GetValue(algorithm)!)!;
            return output.WriteAsync(parsed, () => Task.FromResult(Text(key.ToHostString(), chosen.Text, Convert.ToBase64String(RandomNumberGenerator.GetBytes(chosen.Length)))));
        });
        return new Command("key", "Make keys that servers and clients sign messages with") { create };
    }

    private static string Text(string name, string algorithm, string secret) => $$"""
        # edge.yaml
        dns:
          keys:
            {{name}}: {algorithm: {{algorithm}}, secret: "{{secret}}"}

        # BIND: named.conf (also the file for nsupdate -k and dig -k, without this line)
        key "{{name}}" { algorithm {{algorithm}}; secret "{{secret}}"; };

        # Knot: knot.conf
        key:
          - id: {{name}}
            algorithm: {{algorithm}}
            secret: {{secret}}

        # NSD: nsd.conf
        key:
            name: "{{name}}"
            algorithm: {{algorithm}}
            secret: "{{secret}}"

        # To try it
        # dig -y {{algorithm}}:{{name}}:{{secret}} @SERVER NAME
        """;
}
