using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Edge.Docker;

/// <summary>Reads the engine's JSON. What is missing is taken as not said; what is of another kind than it should be is an error of the engine.</summary>
internal static class ContainerJson
{
    // Docker's and Podman's names for networks that keep their containers away from the machine they run on.
    private static readonly string[] SeparateDrivers = ["macvlan", "ipvlan"];

    public static IReadOnlyList<ListedContainer> ReadList(JsonElement root) =>
    [
        .. root.EnumerateArray().Select(one => new ListedContainer(
            one.GetProperty("Id").GetString()!,
            Members(one, "Labels").Any(label => label.Name.StartsWith(Container.LabelPrefix, StringComparison.Ordinal)))),
    ];

    public static Container Read(JsonElement root)
    {
        var config = Section(root, "Config");
        var settings = Section(root, "NetworkSettings");
        return new Container
        {
            Id = root.GetProperty("Id").GetString()!,
            Name = (Text(root, "Name") ?? "").TrimStart('/'),
            Created = DateTimeOffset.TryParse(Text(root, "Created"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var created) ? created.UtcTicks : 0,
            State = State(Section(root, "State")),
            Labels = Members(config, "Labels").ToImmutableSortedDictionary(label => label.Name, label => label.Value.GetString() ?? "", StringComparer.Ordinal),
            NetworkMode = Text(Section(root, "HostConfig"), "NetworkMode") ?? "",
            Networks = [.. Members(settings, "Networks").Select(Network).OfType<ContainerNetwork>().OrderBy(network => network.Name, StringComparer.Ordinal)],
            Exposed = [.. Members(config, "ExposedPorts").Select(port => Port(port.Name)).Where(port => port is { IsUdp: false }).Select(port => port!.Value.Port).Distinct().Order()],
            Published = [.. Members(settings, "Ports").SelectMany(Published)],
        };
    }

    public static EngineNetworks ReadNetworks(JsonElement root)
    {
        var all = root.EnumerateArray().Select(network => (Driver: Text(network, "Driver"), Names: (string?[])[Text(network, "Name"), Text(network, "Id")])).ToList();
        return new EngineNetworks(Names(all), Names(all.Where(network => SeparateDrivers.Contains(network.Driver))));

        static HashSet<string> Names(IEnumerable<(string? Driver, string?[] Names)> networks) => networks.SelectMany(network => network.Names).OfType<string>().ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>
    /// The containers that an event has to do with. Docker and Podman call what happens by different words, so whatever
    /// happens is a reason to look; but health checks run programs in containers all the time, which changes nothing.
    /// Podman tells of a health check when it begins and when its program has ended ("exec_died", Docker's is "exec_die"), each
    /// before the container is said to be healthy or not.
    /// </summary>
    public static IReadOnlyList<EngineEvent> ReadEvent(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidOperationException("it is no object");
        }

        var actor = Section(root, "Actor");
        var id = Text(actor, "ID") ?? Text(root, "id");
        var action = Text(root, "Action") ?? Text(root, "status") ?? "";
        if ((action.StartsWith("exec", StringComparison.Ordinal) && action != "exec_died") || id is not { Length: > 0 })
        {
            return [];
        }

        // Docker's events of networks are about the network and name the container; Podman's are about the container.
        return Text(root, "Type") == "network" && Text(Section(actor, "Attributes"), "container") is { } container
            ? [new EngineEvent(container, false)]
            : [new EngineEvent(id, action == "exec_died" || action.StartsWith("health_status", StringComparison.Ordinal))];
    }

    // Podman says "" where there is no health check, Docker says nothing. Docker says of what it is about to start again that it runs.
    private static ContainerState State(JsonElement state) => Flag(state, "Restarting") ? ContainerState.Restarting : (Flag(state, "Running"), Flag(state, "Paused"), Text(Section(state, "Health"), "Status")) switch
    {
        (_, true, _) => ContainerState.Paused,
        (false, _, _) => ContainerState.Stopped,
        (_, _, "starting") => ContainerState.Starting,
        (_, _, "unhealthy") => ContainerState.Unhealthy,
        _ => ContainerState.Running,
    };

    private static ContainerNetwork? Network(JsonProperty network) =>
        IPAddress.TryParse(Text(network.Value, "IPAddress"), out var address) || IPAddress.TryParse(Text(network.Value, "GlobalIPv6Address"), out address)
            ? new ContainerNetwork(network.Name, Text(network.Value, "NetworkID") ?? "", address)
            : null;

    // "8080/tcp": null for a port that is exposed only; else where it is published, once for each address.
    private static IEnumerable<PublishedPort> Published(JsonProperty port)
    {
        if (Port(port.Name) is not { } inside || port.Value.ValueKind != JsonValueKind.Array)
        {
            yield break;
        }

        foreach (var at in port.Value.EnumerateArray())
        {
            if (ushort.TryParse(Text(at, "HostPort"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0)
            {
                yield return new PublishedPort(inside.Port, inside.IsUdp, new IPEndPoint(Reachable(Text(at, "HostIp")), number));
            }
        }
    }

    private static IPAddress Reachable(string? text) => !IPAddress.TryParse(text, out var address) || address.Equals(IPAddress.Any) ? IPAddress.Loopback
        : address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback
        : address;

    private static (int Port, bool IsUdp)? Port(string text)
    {
        var parts = text.Split('/');
        return ushort.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0 && parts.ElementAtOrDefault(1) is null or "tcp" or "udp"
            ? (port, parts.ElementAtOrDefault(1) == "udp")
            : null;
    }

    private static JsonElement Section(JsonElement at, string name) => at.ValueKind == JsonValueKind.Object && at.TryGetProperty(name, out var section) ? section : default;

    private static IEnumerable<JsonProperty> Members(JsonElement at, string name) =>
        Section(at, name) is { ValueKind: JsonValueKind.Object } section ? section.EnumerateObject() : [];

    private static string? Text(JsonElement at, string name) => Section(at, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static bool Flag(JsonElement at, string name) => Section(at, name).ValueKind == JsonValueKind.True;
}
