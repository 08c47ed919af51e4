using System.CommandLine;
using System.Text.Json;
using Edge.Admin.Reports;
using Edge.Settings;

namespace Edge.Admin.Commands;

/// <summary><c>edge token create|list|revoke</c>: who may register what.</summary>
internal static class TokenCommand
{
    public static Command Build() => new("token", "Make, list and revoke tokens for registrations") { Create(), List(), Revoke() };

    private static ApiCommand Create()
    {
        var name = new Argument<string>("name") { Description = "A word by which you know its owner, such as laptop" };
        var hosts = new Option<string[]>("--host") { Description = "A host it may register, such as *.nas.example.com (repeat for more; default: every name below this box's)" };
        var services = new Option<string[]>("--service") { Description = "A service it may register, such as photos or web-* (repeat for more; default: all)" };
        var expires = new Option<string?>("--expires") { Description = "How long it is valid, such as 30d (default: until revoked)" };
        var expose = new Option<string?>("--expose") { Description = "lan: it may register services for the LAN only (default: everywhere)" };
        var ports = new Option<string[]>("--port") { Description = "A port it may have opened for tcp://, udp:// and tls:// services, such as 2222 or 30000-30100 (repeat for more; default: none)" };
        var admin = new Option<bool>("--admin") { Description = "It may do everything" };
        var tsig = new Option<bool>("--tsig") { Description = "It gets a key for updates of DNS (RFC 2136) as well; prints the file for nsupdate -k" };
        var lease = new Option<string?>("--lease") { Description = "How long an address stays that is not sent again, such as 2d (default: always)" };
        var output = new SecretOutput();
        var command = new ApiCommand("create", "Make a token and print it once") { name, hosts, services, ports, expires, expose, admin, tsig, lease, output.Option };
        command.Does(async (parsed, api, cancel) =>
        {
            var wanted = new NewToken(
                parsed.GetValue(name)!,
                [.. parsed.GetValue(hosts) ?? []],
                [.. parsed.GetValue(services) ?? []],
                Seconds("--expires", parsed.GetValue(expires)),
                parsed.GetValue(admin),
                parsed.GetValue(expose),
                parsed.GetValue(tsig),
                Seconds("--lease", parsed.GetValue(lease)),
                [.. parsed.GetValue(ports) ?? []]);
            return await output.WriteAsync(parsed, async () =>
            {
                var created = await api.PostAsync("v1/tokens", wanted, ReportJson.Default.NewToken, ReportJson.Default.CreatedToken, cancel);
                return command.WantsJson(parsed) ? JsonSerializer.Serialize(created, ReportJson.Default.CreatedToken) : created.Tsig is null ? created.Secret : KeyFile(created);
            });
        });
        return command;
    }

    // BIND's programs read over comments, so that one file has it all.
    private static string KeyFile(CreatedToken created) => $$"""
        // token: {{created.Secret}}
        // knsupdate -y hmac-sha256:{{created.Name}}:{{created.Tsig}}
        key "{{created.Name}}" { algorithm hmac-sha256; secret "{{created.Tsig}}"; };
        """;

    private static long? Seconds(string option, string? text) =>
        text is null ? null
        : DurationText.Parse(text) is { } time ? (long)time.TotalSeconds
        : throw new CommandFailedException($"{option}: \"{text}\" is not a time such as 12h or 30d");

    private static ApiCommand List()
    {
        var command = new ApiCommand("list", "List the tokens, without their secrets");
        command.Does(async (parsed, api, cancel) =>
        {
            var tokens = await api.GetAsync("v1/tokens", ReportJson.Default.TokenReportArray, cancel);
            if (command.WantsJson(parsed))
            {
                Console.WriteLine(JsonSerializer.Serialize(tokens, ReportJson.Default.TokenReportArray));
                return 0;
            }

            TextTable.Write(Console.Out, TokenTable.Heads, [.. tokens.Select(TokenTable.Line)]);
            return 0;
        });
        return command;
    }

    private static ApiCommand Revoke()
    {
        var name = new Argument<string>("name") { Description = "The token's name" };
        var command = new ApiCommand("revoke", "End a token now") { name };
        command.Does(async (parsed, api, cancel) =>
        {
            using var answer = await api.SendAsync(new HttpRequestMessage(HttpMethod.Delete, $"v1/tokens/{Uri.EscapeDataString(parsed.GetValue(name)!)}"), cancel);
            return 0;
        });
        return command;
    }
}
