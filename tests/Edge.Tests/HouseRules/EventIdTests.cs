using Mono.Cecil;
using Xunit;

namespace Edge.Tests.HouseRules;

/// <summary>Every event a person may search the log for has one number, from its room's block.</summary>
public sealed class EventIdTests
{
    private static readonly (string Space, int First, int Last)[] Blocks =
    [
        ("Edge.Dns.Listeners", 1000, 1099),
        ("Edge.Dns.Zones", 1100, 1199),
        ("Edge.Dns.Nameserver", 1200, 1299),
        ("Edge.Dns.Resolver", 1300, 1369),
        ("Edge.Dns.Queries", 1370, 1379),
        ("Edge.Dns.Views", 1390, 1399),
        ("Edge.Dns.Wire", 1400, 1499),
        ("Edge.Dns.Signing", 1500, 1549),
        ("Edge.Dns.Transfer", 1550, 1599),
        ("Edge.Dns.Update", 1600, 1649),
        ("Edge.Dns.Tsig", 1650, 1669),
        ("Edge.Dns.Multicast", 1800, 1899),
        ("Edge.Services", 2000, 2999),
        ("Edge.Docker", 2100, 2199),
        ("Edge.Names", 3000, 3999),
        ("Edge.DynamicDns", 3300, 3349),
        ("Edge.PortMapping", 3400, 3449),
        ("Edge.Outward", 3450, 3499),
        ("Edge.AcmeServer", 4300, 4399),
        ("Edge.Acme", 4000, 4999),
        ("Edge.Certificates", 4000, 4999),
        ("Edge.AcmeDns", 5970, 5979),
        ("Edge.Access", 5200, 5299),
        ("Edge.Access.ClientCertificates", 5950, 5959),
        ("Edge.Observability", 5300, 5399),
        ("Edge.Streams", 5400, 5499),
        ("Edge.Connections", 5900, 5919),
        ("Edge.Restart", 5920, 5949),
        ("Edge.Gateway", 5000, 5999),
        ("Edge.Stores", 7000, 7999),
        ("Edge.Admin", 8000, 8999),
        ("Edge.Client", 9000, 9099),
        ("Edge", 8000, 8999),
    ];

    private static readonly IReadOnlyList<(MethodDefinition Method, int Id)> Events =
        [.. Binaries.Source.SelectMany(module => module.GetTypes()).SelectMany(type => type.Methods).SelectMany(Event)];

    [Fact]
    public void There_are_events() => Assert.NotEmpty(Events);

    [Fact]
    public void Event_ids_are_unique() =>
        Offences.None(Events.GroupBy(found => found.Id).Where(same => same.Count() > 1)
            .Select(same => $"{same.Key}: {string.Join(", ", same.Select(found => Where(found.Method)))}"));

    [Fact]
    public void Event_ids_lie_in_their_rooms_block() =>
        Offences.None(Events.Where(found => !InBlock(found.Method, found.Id)).Select(found => $"{Where(found.Method)}: {found.Id}"));

    [Fact]
    public void Events_are_declared_in_a_nested_class_Log() =>
        Offences.None(Events.Where(found => found.Method.DeclaringType is not { Name: "Log", DeclaringType: not null }).Select(found => Where(found.Method)));

    private static IEnumerable<(MethodDefinition Method, int Id)> Event(MethodDefinition method)
    {
        foreach (var attribute in method.CustomAttributes.Where(attribute => attribute.AttributeType.Name == "LoggerMessageAttribute"))
        {
            // The number is the attribute's first argument or its named EventId; without either it is 0, which no block holds.
            var named = attribute.Properties.Where(property => property.Name == "EventId").Select(property => property.Argument.Value);
            var given = attribute.ConstructorArguments.Where(argument => argument.Type.FullName == "System.Int32").Select(argument => argument.Value);
            yield return (method, named.Concat(given).OfType<int>().FirstOrDefault());
        }
    }

    private static bool InBlock(MethodDefinition method, int id)
    {
        var space = Space(method.DeclaringType);
        return Blocks.Where(block => space == block.Space || space.StartsWith(block.Space + ".", StringComparison.Ordinal))
            .MaxBy(block => block.Space.Length) is { Space: not null } block && id >= block.First && id <= block.Last;
    }

    private static string Space(TypeDefinition type)
    {
        while (type.DeclaringType is { } outer)
        {
            type = outer;
        }

        return type.Namespace;
    }

    private static string Where(MethodDefinition method) => $"{method.DeclaringType.FullName}.{method.Name}";
}
