using Edge.Tests.Whole;

namespace Edge.Tests.House;

/// <summary>Edge on the box of the house, on the ports where clients look for it, and what a client there hears from it.</summary>
internal sealed class HouseEdge : IAsyncDisposable
{
    private readonly HouseLab _lab;
    private readonly EdgeProcess _process;

    private HouseEdge(HouseLab lab, Func<string, string> change)
    {
        _lab = lab;
        _process = EdgeProcess.InExampleFolder(EdgeProcess.PublishedBinary);
        _process.Before = lab.Box.Inside;
        var inside = Path.Combine(_process.Folder, "zones", "lan", "example.com.zone");
        File.WriteAllText(inside, File.ReadAllText(inside).Replace("192.168.1.10", HouseLab.BoxAddress, StringComparison.Ordinal));
        _process.WriteSettings(_ => change($"""
            domain: example.com
            node: nas
            views:
              lan:
                addresses: [{HouseLab.BoxAddress}]
              public:
                addresses: [{HouseLab.PublicAddress}]
            dns:
              listen: [0.0.0.0:53]
              tls-listen: [0.0.0.0:853]
              upstreams: [{HouseLab.ResolverAddress}]
            gateway:
              http: [0.0.0.0:80]
              https: [0.0.0.0:443]
            filter:
              block: [tracker.example]

            """));
    }

    public string Folder => _process.Folder;

    public string Output => _process.Output;

    /// <summary>Starts Edge and waits until it answers for its own names.</summary>
    /// <param name="lab">The house.</param>
    /// <param name="change">Makes other settings of the usual ones.</param>
    /// <param name="services">Services in the short form.</param>
    public static async Task<HouseEdge> StartAsync(HouseLab lab, Func<string, string>? change = null, string services = "")
    {
        var edge = new HouseEdge(lab, change ?? (static usual => usual));
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "proxy-routes", "of-the-test.yaml"), services);
        edge._process.StartOnly();
        try
        {
            await Eventually.TrueAsync(
                async () => (await lab.Box.RunAsync("dig", $"@{HouseLab.BoxAddress}", "+tries=1", "+time=1", "nas.example.com")).Contains("status: NOERROR", StringComparison.Ordinal),
                () => $"Edge does not answer:\n{edge.Output}", () => edge._process.HasEnded);
        }
        catch
        {
            await edge.DisposeAsync();
            throw;
        }

        return edge;
    }

    /// <summary>dig's whole answer, asked on the client.</summary>
    public Task<string> AskAsync(params string[] question) => _lab.Client.RunAsync("dig", [$"@{HouseLab.BoxAddress}", "+tries=1", "+time=5", .. question]);

    /// <summary>The milliseconds that dig counted for each of many questions for one name, asked on the client.</summary>
    public async Task<int[]> TimesAsync(string name, int count)
    {
        var said = await AskAsync([.. Enumerable.Repeat<string[]>(["+noall", "+stats", name], count).SelectMany(words => words)]);
        return [.. said.Split('\n').Where(line => line.Contains("Query time:", StringComparison.Ordinal)).Select(line => int.Parse(line.Split(' ')[3])).Order()];
    }

    /// <summary>Runs a command of Edge on the box.</summary>
    public Task<CommandResult> CommandAsync(params string[] words) => _process.CommandAsync(words);

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
