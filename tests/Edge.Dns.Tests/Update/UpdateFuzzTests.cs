using System.Globalization;
using System.Text;
using Edge.Dns.Nameserver;
using Edge.Dns.Update;
using Edge.Dns.Update.Journal;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Dns.Zones.RecordData;
using Xunit;

namespace Edge.Dns.Tests.Update;

/// <summary>
/// Updates that nobody meant, made of those that somebody did: the cases of <see cref="Rfc2136Tests"/> are the corpus. The
/// seed is fixed, so a failure comes back; EDGE_FUZZ_ROUNDS makes the run longer.
/// </summary>
public sealed class UpdateFuzzTests
{
    private static readonly int Rounds = int.TryParse(Environment.GetEnvironmentVariable("EDGE_FUZZ_ROUNDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var rounds) ? rounds : 15_000;

    private static readonly byte[][] Corpus =
    [
        .. Rfc2136Tests.Prerequisites.Concat(Rfc2136Tests.Prescan).Concat(Rfc2136Tests.Additions).Concat(Rfc2136Tests.Deletions)
            .Select(row => UpdateText.Message(UpdatedZone.Origin, row.Data.Lines)),
    ];

    [Fact]
    public void Changed_messages_change_a_zone_as_a_whole_or_not_at_all()
    {
        var random = new Random(20260201);
        var zone = new UpdatedZone();
        var made = 0;
        for (var i = 0; i < Rounds; i++)
        {
            var message = Mutate(Corpus[random.Next(Corpus.Length)], random);
            var before = zone.Changes;
            var rcode = zone.Send(UpdatedZone.Everything, message).Rcode;
            Assert.True(rcode == Rcode.NoError || ReferenceEquals(before, zone.Changes), Convert.ToHexString(message));
            if (!ReferenceEquals(before, zone.Changes))
            {
                made++;
                Check(zone, message);
            }

            // A zone full of leftovers would refuse most of what comes.
            zone = i % 500 == 0 ? new UpdatedZone() : zone;
        }

        Assert.True(made > Rounds / 50, $"{made} of {Rounds} changed anything");
    }

    [Fact]
    public void Every_truncation_is_refused_or_a_whole_message()
    {
        foreach (var message in Corpus)
        {
            for (var length = 0; length < message.Length; length++)
            {
                var zone = new UpdatedZone();
                Assert.Equal(Rcode.FormErr, zone.Send(UpdatedZone.Everything, message[..length]).Rcode);
                Assert.Empty(zone.Changes.All);
            }
        }
    }

    private static byte[] Mutate(byte[] seed, Random random)
    {
        var message = seed.ToList();
        for (var changes = random.Next(0, 5); changes > 0; changes--)
        {
            var at = random.Next(message.Count);
            switch (random.Next(6))
            {
                case 0:
                    message[at] = (byte)random.Next(256);
                    break;
                case 1:
                    message[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    message.RemoveRange(at, Math.Min(message.Count - at, random.Next(1, 5)));
                    break;
                case 3:
                    message.InsertRange(at, message.GetRange(at, Math.Min(message.Count - at, random.Next(1, 40))));
                    break;
                case 4:
                    // The class of a record decides what it means.
                    message[at] = (byte)(random.Next(4) switch { 0 => 1, 1 => 254, 2 => 255, _ => 0 });
                    break;
                default:
                    Splice(message, Corpus[random.Next(Corpus.Length)]);
                    break;
            }

            if (message.Count < MessageHeader.Length)
            {
                return [.. message];
            }
        }

        return [.. message];
    }

    // The update section of one message behind that of another.
    private static void Splice(List<byte> message, byte[] other)
    {
        var question = MessageHeader.Length + UpdatedZone.Origin.Wire.Length + 4;
        if (other[7] == 0 && message.Count > 10)
        {
            message.AddRange(other[question..]);
            message[9] += other[9];
        }
    }

    // What must hold of a zone after every update, whatever it was.
    private static void Check(UpdatedZone zone, byte[] message)
    {
        var records = zone.Lines().Select(line => RecordText.Parse(line)).ToList();
        var apex = records.Where(record => record.Owner == UpdatedZone.Origin).ToList();
        var why = Convert.ToHexString(message);
        Assert.True(apex.Count(record => record.Type == RecordType.SOA) == 1, why);
        Assert.True(apex.Any(record => record.Type == RecordType.NS), why);
        Assert.True(records.All(record => record.Owner.IsAtOrBelow(UpdatedZone.Origin) && !RecordTypeText.IsMeta(record.Type)), why);
        foreach (var owner in records.GroupBy(record => record.Owner))
        {
            Assert.True(owner.Count(record => record.Type is RecordType.CNAME) == 0 || owner.Count() == 1, $"{owner.Key}: {why}");
            Assert.True(owner.GroupBy(record => record.Type).All(set => set.Select(record => record.Ttl).Distinct().Count() == 1), why);
        }

        foreach (var entry in zone.Changes.ToEntries())
        {
            var text = JournalText.Format(entry);
            Assert.True(JournalText.TryRead(Encoding.ASCII.GetBytes(text), 0, out var again, out _), why);
            Assert.Equal(text, JournalText.Format(again));
        }

        Assert.Equal(UpdatedZone.Origin, Zone.Build(UpdatedZone.Origin, records).Origin);
    }
}
