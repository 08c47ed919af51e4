using System.CommandLine;

namespace Edge.Admin.Commands;

/// <summary>A command that asks a running Edge: it carries the options for finding it.</summary>
internal sealed class ApiCommand : Command
{
    private readonly Option<string> _config = SharedOptions.Config();
    private readonly Option<string?> _url = SharedOptions.Url();
    private readonly Option<string?> _token = SharedOptions.Token();
    private readonly Option<bool> _json = SharedOptions.Json();

    /// <param name="name">The word.</param>
    /// <param name="description">What it does, in one line.</param>
    /// <param name="json">Whether it can print JSON.</param>
    public ApiCommand(string name, string description, bool json = true)
        : base(name, description)
    {
        Options.Add(_config);
        Options.Add(_url);
        Options.Add(_token);
        if (json)
        {
            Options.Add(_json);
        }
    }

    /// <summary>Sets what the command does with the API; the number it returns is the exit code.</summary>
    public void Does(Func<ParseResult, AdminClient, CancellationToken, Task<int>> action) => SetAction(async (parsed, cancel) =>
    {
        using var api = AdminClient.Open(parsed.GetValue(_config)!, parsed.GetValue(_url), parsed.GetValue(_token));
        return await action(parsed, api, cancel);
    });

    /// <summary>The same for a command that may find that it needs no API: it opens the way itself.</summary>
    public void DoesIfNeeded(Func<ParseResult, Func<AdminClient>, CancellationToken, Task<int>> action) => SetAction((parsed, cancel) =>
        action(parsed, () => AdminClient.Open(ConfigOf(parsed), parsed.GetValue(_url), parsed.GetValue(_token)), cancel));

    /// <summary>The path of edge.yaml.</summary>
    public string ConfigOf(ParseResult parsed) => parsed.GetValue(_config)!;

    public bool WantsJson(ParseResult parsed) => parsed.GetValue(_json);
}
