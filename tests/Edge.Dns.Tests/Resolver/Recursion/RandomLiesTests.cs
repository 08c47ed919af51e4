using System.Net;
using Edge.Dns.Resolver.Recursion;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Resolver.Recursion;

/// <summary>A server that says anything at all, made by chance: nothing it says is ever found in an answer about others.</summary>
public sealed class RandomLiesTests
{
    private const string Liar = "203.0.113.66";
    private static readonly Name Evil = Name.Parse("evil.com.");

    private static readonly string[] Names =
    [
        ".", "com.", "evil.com.", "www.evil.com.", "a.b.evil.com.", "ns.evil.com.", "sub.evil.com.", "x.sub.evil.com.", "bank.com.", "www.bank.com.", "ns.bank.com.", "a.gtld.com.", "org.", "a.root-servers.net.",
    ];

    private static readonly RecordType[] Types =
        [RecordType.A, RecordType.AAAA, RecordType.NS, RecordType.CNAME, RecordType.DNAME, RecordType.SOA, RecordType.DS, RecordType.RRSIG, RecordType.NSEC, RecordType.TXT];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Nothing_of_it_is_believed_about_others(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 60; round++)
        {
            var internet = Internet(query => Lie(query, random));
            using var origin = internet.Resolver();
            for (var i = 0; i < 8; i++)
            {
                var name = Names[random.Next(2, 8)];
                var answer = await origin.AskAsync(name, i % 2 == 0 ? "A" : "DS", dnssecOk: random.Next(2) == 0);
                CheckChain(Name.Parse(name), answer.Message);
            }

            Assert.Equal("NOERROR\nwww.bank.com. A 203.0.113.11", await origin.TextAsync("www.bank.com"));
            Assert.Equal("NOERROR\ncom. NS a.gtld.com.", await origin.TextAsync("com", "NS"));
            Assert.DoesNotContain(internet.Asked, asked => asked.Address == Liar && !Name.Parse(asked.Name).IsAtOrBelow(Evil));
        }
    }

    // Records of others may only be those that the others gave: the liar's data is marked by its last byte.
    private static void CheckChain(Name asked, Message? message)
    {
        foreach (var record in message?.Answer ?? [])
        {
            Assert.True(record.Owner.IsAtOrBelow(Evil) || record.Data.Wire[^1] != 66, $"{asked}: {record.Owner} {record.Type}");
        }

        Assert.All(message?.Authority ?? [], record => Assert.True(record.Owner.IsAtOrBelow(Evil) || record.Data.Wire[^1] != 66, $"{asked}: {record.Owner} {record.Type}"));
    }

    private static Message? Lie(Message query, Random random)
    {
        if (random.Next(40) == 0)
        {
            return null;
        }

        var rcode = random.Next(4) switch
        {
            0 => Rcode.NxDomain,
            1 when random.Next(3) == 0 => (Rcode)random.Next(11),
            _ => Rcode.NoError,
        };
        var reply = new Message { Id = query.Id, Rcode = rcode, Flags = MessageFlags.Response | (random.Next(3) > 0 ? MessageFlags.Authoritative : 0) };
        reply.Questions.AddRange(query.Questions);
        foreach (var section in (List<ResourceRecord>[])[reply.Answer, reply.Authority, reply.Additional])
        {
            for (var i = random.Next(5); i > 0; i--)
            {
                var owner = random.Next(3) == 0 ? query.Questions[0].Name : Name.Parse(Names[random.Next(Names.Length)]);
                section.Add(Record(owner, Types[random.Next(Types.Length)], random));
            }
        }

        return reply;
    }

    private static ResourceRecord Record(Name owner, RecordType type, Random random)
    {
        var target = Name.Parse(Names[random.Next(Names.Length)]);
        var data = type switch
        {
            RecordType.A => RData.Address(IPAddress.Parse(Liar)),
            RecordType.AAAA => RData.Address(IPAddress.Parse("2001:db8::42")),
            RecordType.NS or RecordType.CNAME or RecordType.DNAME => RData.Target(target),
            RecordType.SOA => RData.Soa(target, target, 1, 2, 3, 4, 66),
            RecordType.RRSIG => new RData([0, (byte)Types[random.Next(Types.Length)], 66]),
            _ => new RData(random.Next(3) == 0 ? [66] : [4, 66, 66, 66, 66]),
        };
        return new ResourceRecord(owner, type, (uint)random.Next(0, 700_000), data);
    }

    private static PrivateInternet Internet(Func<Message, Message?> liar) => new PrivateInternet()
        .ServeRoot("com. NS a.gtld.com.\na.gtld.com. A 192.5.6.30")
        .Serve("192.5.6.30", ("com.", $"""
            $TTL 86400
            @ SOA a.gtld host 1 2 3 4 900
            @ NS a.gtld
            a.gtld A 192.5.6.30
            evil NS ns.evil
            ns.evil A {Liar}
            bank NS ns.bank
            ns.bank A 203.0.113.10
            """))
        .Serve("203.0.113.10", ("bank.com.", """
            $TTL 86400
            @ SOA ns host 1 2 3 4 900
            @ NS ns
            ns A 203.0.113.10
            www A 203.0.113.11
            """))
        .Script(Liar, liar);
}
