using System.Collections.Immutable;
using Edge.Dns.Nameserver;
using Edge.Dns.Tests.Nameserver;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Xunit;

namespace Edge.Dns.Tests.Reference;

/// <summary>Zones made by chance are answered as RFC 1034 §4.3.2 says, read literally. A seed that failed comes back.</summary>
public sealed class RandomZoneTests
{
    private const int Zones = 210;
    private const int QuestionsPerZone = 150;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void RFC_1034_4_3_2_answers_are_those_of_the_words(int part)
    {
        for (var i = 0; i < Zones / 3; i++)
        {
            var seed = (part * 1_000_000) + i;
            var random = new Random(seed);
            var made = new RandomZones(random);
            var zones = made.Make();
            var reference = new ReferenceServer(zones);
            var server = TestNameserver.With();
            ImmutableArray<Zone> built = [.. zones.Select(zone => Zone.Build(Name.Parse(zone.Origin), [.. zone.Lines.Select(line => line.ToRecord())]))];
            server.Zones = new ZoneSet(["lan", "public"], [built, built]);
            for (var question = 0; question < QuestionsPerZone; question++)
            {
                var (name, type) = (made.NameNear(made.Any(zones)), made.Any(RandomZones.QueryTypes));
                var message = server.Ask(made.Recased(name), type, transport: Transport.Tcp);
                if (reference.Ask(name, type).DifferenceFrom(message) is { } difference)
                {
                    Assert.Fail($"seed {seed}, {name} {type}: {difference}\nin\n{string.Join('\n', zones.SelectMany(zone => zone.Lines))}");
                }
            }
        }
    }
}
