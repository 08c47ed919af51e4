using System.Collections.Immutable;
using System.Globalization;
using Edge.Services;
using Edge.Settings;

namespace Edge.Docker;

/// <summary>The section <c>docker</c> of edge.yaml: the engines whose containers declare services by their labels.</summary>
internal sealed record DockerOptions
{
    private const string DefaultSocket = "/var/run/docker.sock";

    private static readonly TimeSpan MostHeld = TimeSpan.FromMinutes(5);

    public ImmutableArray<EngineOptions> Engines { get; init; } = [];

    /// <summary>All of it in one line, to be compared.</summary>
    public string Text => string.Join("; ", Engines.Select(engine => engine.Text));

    /// <summary>Reads the section: "on", "off", a mapping, or a list of them.</summary>
    /// <param name="root">All of edge.yaml.</param>
    /// <param name="nodeHost">The name of this box: labels may claim what is below it, when nothing else is said.</param>
    public static DockerOptions Read(MapReader root, string nodeHost)
    {
        switch (root.Node("docker"))
        {
            case null or ScalarNode { Value: "off" }:
                return new DockerOptions();
            case ScalarNode { Value: "on" }:
                return new DockerOptions { Engines = [new EngineOptions { Socket = DefaultSocket, Hosts = [$"*.{nodeHost}"] }] };
            case MapNode map:
                return Checked(root, [.. ReadOne(new MapReader(map, root.Problems), nodeHost)]);
            case ListNode list when list.Items.All(item => item is MapNode):
                return Checked(root, [.. list.Items.SelectMany(item => ReadOne(new MapReader((MapNode)item, root.Problems), nodeHost))]);
            case var other:
                root.Problems.Add(other, "is neither \"on\" nor \"off\" nor a mapping, nor a list of mappings", "known in it: socket, hosts, expose, network, ports, destinations, hold");
                return new DockerOptions();
        }
    }

    private static DockerOptions Checked(MapReader root, ImmutableArray<EngineOptions> engines)
    {
        foreach (var twice in engines.GroupBy(engine => engine.Socket, StringComparer.Ordinal).Where(same => same.Count() > 1))
        {
            root.Problems.Add(root.Node("docker")!, $"names the socket {twice.Key} twice", "leave one out");
        }

        return new DockerOptions { Engines = engines };
    }

    private static List<EngineOptions> ReadOne(MapReader section, string nodeHost)
    {
        section.TellEmpty("socket", $"so that {DefaultSocket} is followed; leave it out for that, or say docker: off");
        var sockets = section.List("socket", "the path of a socket, such as /var/run/docker.sock", Socket);
        var hosts = section.List("hosts", "a host, *.x for everything below x, or * for all", HostPattern);
        var expose = section.Word("expose", "lan", "everywhere");
        var network = section.Text("network");
        var ports = section.List("ports", "a port from 1 to 65535", Port);
        var destinations = section.List("destinations", LabelDestinations.Expected, LabelDestinations.Word);
        var hold = section.Duration("hold", MostHeld);
        section.Done();
        return
        [
            .. (sockets.Count == 0 ? [DefaultSocket] : sockets).Select(socket => new EngineOptions
            {
                Socket = socket,
                Hosts = section.Node("hosts") is null ? [$"*.{nodeHost}"] : [.. hosts],
                Expose = expose == "lan" ? Exposure.Lan : Exposure.Everywhere,
                Network = network,
                Ports = [.. ports.Select(port => int.Parse(port, CultureInfo.InvariantCulture))],
                Hold = hold ?? TimeSpan.FromSeconds(10),
                Destinations = LabelDestinations.Read(destinations),
            }),
        ];
    }

    private static string? Socket(string text)
    {
        var path = text.StartsWith("unix://", StringComparison.Ordinal) ? text["unix://".Length..] : text;
        return path.Length is > 1 and <= 107 && path[0] == '/' ? path : null;
    }

    private static string? HostPattern(string text) => new TokenScope([text], ["*"]).Problem() is null ? text : null;

    private static string? Port(string text) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0 ? text : null;
}
