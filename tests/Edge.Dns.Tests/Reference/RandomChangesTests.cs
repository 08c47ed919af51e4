using System.Collections.Immutable;
using Edge.Dns.Nameserver;
using Edge.Dns.Tests.Nameserver;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Xunit;

namespace Edge.Dns.Tests.Reference;

/// <summary>
/// However files, services, challenges and updates change, and in whatever order: what is served is what the rules make of
/// the declarations as they stand, the same as if it had been built from nothing, and what was served before stays as it was.
/// </summary>
public sealed class RandomChangesTests
{
    private const int Steps = 40;
    private const int Questions = 25;

    [Theory]
    [InlineData(1, 10, 12)]
    [InlineData(2, 4, 40)]
    [InlineData(3, 1, 200)]
    public void A_zone_that_was_changed_is_the_zone_that_would_have_been_built(int part, int sequences, int size)
    {
        for (var i = 0; i < sequences; i++)
        {
            var seed = (part * 1_000_000) + i;
            var random = new Random(seed);
            using var served = new ServedDeclarations(random, size);
            var old = new List<(ZoneSet Zones, string Content)>();
            for (var step = 0; step < Steps; step++)
            {
                var before = served.Manager.Current;
                var publications = new List<ZonePublication>();
                void Published(ImmutableArray<ZonePublication> published) => publications.AddRange(published);
                served.Manager.Published += Published;
                var where = $"seed {seed}, step {step}, {served.Change()}";
                served.Manager.Published -= Published;
                CheckContent(where, served);
                CheckPublications(where, before, served.Manager.Current, publications);
                if (step % 4 == 0)
                {
                    CheckAnswers(where, served, random);
                }

                old.Add((before, Content(before)));
            }

            Assert.All(old, one => Assert.Equal(one.Content, Content(one.Zones)));
        }
    }

    private static void CheckContent(string where, ServedDeclarations served)
    {
        var current = served.Manager.Current;
        for (var view = 0; view < ServedDeclarations.Views.Length; view++)
        {
            Assert.Equal((where, string.Join(' ', served.Declared.Origins.Order(StringComparer.Ordinal))),
                (where, string.Join(' ', current.Zones(view).Select(zone => zone.Origin.ToString()).Order(StringComparer.Ordinal))));
            foreach (var zone in current.Zones(view))
            {
                var wanted = served.Declared.Seen(zone.Origin.ToString(), ServedDeclarations.Views[view]).GroupBy(line => (line.Owner, line.Type))
                    .SelectMany(set => set.Select(line => line with { Ttl = set.Min(one => one.Ttl) }).Distinct());
                Assert.Equal((where, Sorted(wanted)), (where, Lines(zone)));
            }
        }
    }

    private static void CheckPublications(string where, ZoneSet before, ZoneSet after, List<ZonePublication> publications)
    {
        for (var view = 0; view < ServedDeclarations.Views.Length; view++)
        {
            var old = before.Zones(view).ToDictionary(zone => zone.Origin.ToString());
            var now = after.Zones(view).ToDictionary(zone => zone.Origin.ToString());
            foreach (var origin in old.Keys.Union(now.Keys))
            {
                var (last, next) = (old.GetValueOrDefault(origin), now.GetValueOrDefault(origin));
                var told = publications.SingleOrDefault(one => one.View == ServedDeclarations.Views[view] && one.Origin.ToString() == origin);
                Assert.True(told is null ? ReferenceEquals(last, next) : ReferenceEquals(told.Before, last) && ReferenceEquals(told.After, next), where);
                if (last is not null && next is not null)
                {
                    CheckSuccession($"{where}: {origin}", last, next);
                }
            }
        }
    }

    // RFC 1982 and RFC 1995: another content has a newer serial, and the difference leads from one to the other.
    private static void CheckSuccession(string where, Zone last, Zone next)
    {
        var same = Lines(last) == Lines(next);
        Assert.True(same ? next.Serial - last.Serial < 0x80000000 : next.Serial != last.Serial && next.Serial - last.Serial < 0x80000000, $"{where}: {last.Serial}, then {next.Serial}");
        var difference = ZoneDifference.Between(last, next);
        var records = last.RRsets.SelectMany(set => set.Records).Select(RecordLine.Of).ToHashSet();
        records.ExceptWith(difference.Removed.Select(RecordLine.Of));
        records.UnionWith(difference.Added.Select(RecordLine.Of));
        Assert.Equal((where, Sorted(next.RRsets.SelectMany(set => set.Records).Select(RecordLine.Of))), (where, Sorted(records)));
    }

    private static void CheckAnswers(string where, ServedDeclarations served, Random random)
    {
        using var scratch = served.Scratch();
        var made = new RandomZones(random);
        var (changed, built) = (TestNameserver.With(), TestNameserver.With());
        (changed.Zones, built.Zones) = (served.Manager.Current, scratch.Current);
        foreach (var client in (ClientAddress[])[TestNameserver.LanClient, TestNameserver.PublicClient])
        {
            for (var i = 0; i < Questions; i++)
            {
                var (name, type) = (made.AnyName(), made.Any(RandomZones.QueryTypes));
                var query = TestNameserver.Query(name, type);
                Assert.Equal((where, name, type, Text(built.Raw(query, Transport.Tcp, client))), (where, name, type, Text(changed.Raw(query, Transport.Tcp, client))));
            }
        }
    }

    private static string Text(byte[]? wire)
    {
        Assert.True(Message.TryParse(wire, out var message, out var error), error);
        return string.Join('\n', [$"{message.Rcode} {message.Flags}", Sorted(message.Answer), Sorted(message.Authority), Sorted(message.Additional)]);
    }

    private static string Content(ZoneSet zones) => string.Join('\n', Enumerable.Range(0, zones.Views.Length)
        .SelectMany(view => zones.Zones(view).OrderBy(zone => zone.Origin).Select(zone => $"{view} {zone.Serial}\n{Lines(zone)}")));

    private static string Lines(Zone zone) => Sorted(zone.RRsets.SelectMany(set => set.Records));

    private static string Sorted(IEnumerable<ResourceRecord> records) => Sorted(records.Select(RecordLine.Of));

    private static string Sorted(IEnumerable<RecordLine> lines) => string.Join('\n', lines.Select(WithoutSerial).Order(StringComparer.Ordinal));

    private static string WithoutSerial(RecordLine line) =>
        line.Type == "soa" ? string.Join(' ', line.ToString().Split(' ').Select((word, place) => place == 6 ? "-" : word)) : line.ToString();
}
