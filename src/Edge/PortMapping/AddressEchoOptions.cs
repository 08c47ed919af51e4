using System.Collections.Immutable;
using System.Globalization;
using Edge.Settings;

namespace Edge.PortMapping;

/// <summary>The setting <c>address-echo</c> of edge.yaml: whether boxes elsewhere are told where they come from.</summary>
/// <param name="Enabled">Whether they are.</param>
/// <param name="Ports">The ports of theirs that are tried for them.</param>
internal sealed record AddressEchoOptions(bool Enabled, ImmutableArray<int> Ports)
{
    public static readonly AddressEchoOptions Off = new(Enabled: false, [443, 8443]);

    /// <param name="root">All of edge.yaml.</param>
    public static AddressEchoOptions Read(MapReader root)
    {
        switch (root.Node("address-echo"))
        {
            case null:
                return Off;
            case ScalarNode { Value: var text } when SwitchText.Parse(text) is { } isOn:
                return Off with { Enabled = isOn };
            case MapNode map:
                var section = new MapReader(map, root.Problems);
                section.TellEmpty("ports", "so that 443 and 8443 are tried; leave it out for that, or say address-echo: off");
                var ports = section.List("ports", "a port from 1 to 65535", static text => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0 ? text : null);
                section.Done();
                return new AddressEchoOptions(Enabled: true, ports.Count == 0 ? Off.Ports : [.. ports.Select(port => int.Parse(port, CultureInfo.InvariantCulture))]);
            case var other:
                root.Problems.Add(other, "is neither \"on\" nor \"off\" nor a mapping", "known in it: ports");
                return Off;
        }
    }

    public bool Equals(AddressEchoOptions? other) => other is not null && Enabled == other.Enabled && Ports.SequenceEqual(other.Ports);

    public override int GetHashCode() => HashCode.Combine(Enabled, Ports.Length);
}
