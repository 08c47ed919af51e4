using System.Diagnostics;
using Edge.Dns.Resolver.Recursion;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Xunit;

namespace Edge.Dns.Tests.Resolver.Recursion;

/// <summary>Against real servers over real sockets, beside Unbound on the same hints.</summary>
public sealed class PrivateTreeTests(ITestOutputHelper output)
{
    private static readonly string[] Questions =
    [
        "www.example.com A", "www.example.com AAAA", "www.example.com MX", "example.com NS", "example.com SOA", "example.com MX", "example.com TXT", "com NS", "org SOA", ". NS",
        "nothing.example.com A", "c.d.example.com A", "a.b.c.d.example.com A", "x.y.wild.example.com TXT", "x.wild.example.com A", "x.wildalias.example.com A",
        "alias.example.com A", "alias.example.com CNAME", "gone.example.com A", "out.example.com A", "outgone.example.com A", "twice.example.com A", "www.old.example.com A",
        "nothing.old.example.com A", "old.example.com DNAME", "down.example.com A", "www.sub.example.com A", "sub.example.com NS", "sub.example.com DS", "_sip._tcp.example.com SRV",
        "big.example.com TXT", "www.glueless.com A", "glueless.com NS", "www.lame.com A", "www.mismatch.com A", "ns1.mismatch.com A", "ns1.example.com A", "nothing.com A", "a.nothing.com A",
        "nothing A", "www.silent.com A", "circle.example.com A", "far.example.com A", "www.loop.com A", "www.noglue.com A", "www.inside.com A", "www.nxns.com A",
        "www.signed.org A", "www.signed.org A +dnssec", "www.signed.org AAAA +dnssec", "nothing.signed.org A +dnssec", "x.wild.signed.org A +dnssec", "alias.signed.org A +dnssec",
        "signed.org DNSKEY +dnssec", "signed.org DS +dnssec", "example.org DS +dnssec", "org DS +dnssec", ". DNSKEY +dnssec",
    ];

    [Fact]
    public async Task Answers_are_those_of_Unbound()
    {
        using var tree = await PrivateTree.GrowAsync();
        using var silent = new ScriptedServer(tree.Place, PrivateTree.Silent, _ => null);
        using var origin = tree.Resolver();
        var differences = new List<string>();
        var answered = 0;
        foreach (var question in Questions)
        {
            var words = question.Split(' ');
            RecordText.TryParseType(words[1], out var type);
            var theirs = Comparable(await tree.AskUnboundAsync(words[0], type, words.Length > 2));
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            var ours = Comparable((await origin.AskAsync(words[0], words[1], words.Length > 2, patience.Token)).Message);
            answered += theirs.StartsWith("NoError\n", StringComparison.Ordinal) || theirs.StartsWith("NxDomain\n", StringComparison.Ordinal) ? 1 : 0;
            if (ours != theirs)
            {
                differences.Add($"{question}\nEdge:    {ours}\nUnbound: {theirs}");
            }
        }

        Assert.True(differences.Count == 0, string.Join("\n\n", differences));
        // Six lead nowhere: two circles of aliases, and zones without a server that can be asked.
        Assert.Equal(Questions.Length - 6, answered);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task One_family_is_enough(bool useIPv4, bool useIPv6)
    {
        using var tree = await PrivateTree.GrowAsync();
        using var origin = tree.Resolver(new RecursionOptions { UseIPv4 = useIPv4, UseIPv6 = useIPv6 });
        Assert.Equal("NOERROR\nout.example.com. CNAME www.example.org.\nwww.example.org. A 203.0.113.90", await origin.TextAsync("out.example.com"));
        Assert.Equal("NOERROR\nwww.glueless.com. A 203.0.113.94", await origin.TextAsync("www.glueless.com"));
    }

    [Fact]
    public async Task The_hints_shipped_do_where_only_one_of_their_servers_can_be_reached()
    {
        using var tree = await PrivateTree.GrowAsync();
        using var origin = new RecursiveOrigin(new RecursionOptions(), TimeProvider.System, link: tree.Link);
        Assert.Equal("NOERROR\nwww.sub.example.com. A 203.0.113.82", await origin.TextAsync("www.sub.example.com"));
    }

    [Fact]
    public async Task A_server_that_lies_or_hangs_harms_its_own_names_only()
    {
        using var tree = await PrivateTree.GrowAsync();
        using var silent = new ScriptedServer(tree.Place, PrivateTree.Silent, _ => null);
        using var liar = new ScriptedServer(tree.Place, PrivateTree.Liar, query =>
        {
            var reply = FakeUpstream.Reply(query, [$"{query.Questions[0].Name} 600 A 203.0.113.66", "www.example.com. 600 A 203.0.113.66"], ["com. 600 NS ns.liar.com.", "example.com. 600 NS ns.liar.com."]);
            reply.Flags |= MessageFlags.Authoritative;
            reply.Additional.Add(FakeUpstream.Record("ns1.example.com. 600 A 203.0.113.66"));
            return reply;
        });
        using var origin = tree.Resolver();
        Assert.Equal("NOERROR\nwww.liar.com. A 203.0.113.66", await origin.TextAsync("www.liar.com"));
        Assert.Equal("NOERROR\nwww.example.com. A 203.0.113.80", await origin.TextAsync("www.example.com"));
        Assert.Equal("NOERROR\nwww.mismatch.com. A 203.0.113.96", await origin.TextAsync("www.mismatch.com"));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(4.5));
        var watch = Stopwatch.StartNew();
        Assert.StartsWith("FAILED", (await origin.AskAsync("www.dead.com", deadline: patience.Token)).Text(), StringComparison.Ordinal);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 6);
        Assert.InRange(silent.Count, 1, 4);
    }

    [Fact]
    public async Task A_question_costs_no_more_queries_than_Unbound_needs()
    {
        using var tree = await PrivateTree.GrowAsync();
        await tree.RestartUnboundAsync();
        using var origin = tree.Resolver();
        var counter = SentQueries.CountOrSkip(tree.Place);
        var (ours, theirs) = (0, 0);
        foreach (var name in (string[])["www.example.com", "ns1.example.com", "nothing.example.com", "www.sub.example.com", "out.example.com", "www.glueless.com", "a.b.c.d.example.com", "www.signed.org", "www.nxns.com"])
        {
            var before = counter.Value;
            await tree.AskUnboundAsync(name, RecordType.A);
            // What Unbound goes on asking after its answer counts as well; one query was ours to it.
            var unbound = await SettledAsync(counter) - before - 1;
            before = counter.Value;
            await origin.AskAsync(name);
            var edge = await SettledAsync(counter) - before;
            output.WriteLine($"{name}: Edge {edge}, Unbound {unbound}");
            ours += edge;
            theirs += unbound;
        }

        output.WriteLine($"all: Edge {ours}, Unbound {theirs}");
        Assert.InRange(ours, 1, theirs);
    }

    private static async Task<int> SettledAsync(SentQueries counter)
    {
        var (last, since) = (counter.Value, Stopwatch.StartNew());
        while (since.Elapsed < TimeSpan.FromMilliseconds(300))
        {
            await Task.Delay(50);
            if (counter.Value != last)
            {
                (last, since) = (counter.Value, Stopwatch.StartNew());
            }
        }

        return last;
    }

    private static string Comparable(Message? message)
    {
        if (message is null || message.Rcode == Rcode.ServFail)
        {
            return "no answer";
        }

        // An RRset has no order (RFC 2181 §5), and of the authority section only proofs are promised.
        var answer = message.Answer.Select(Resolved.Line).Order(StringComparer.Ordinal);
        var authority = message.Authority.Where(record => record.TypeOrSigned() is RecordType.SOA or RecordType.NSEC or RecordType.NSEC3).Select(Resolved.Line).Order(StringComparer.Ordinal);
        return string.Join('\n', [$"{message.Rcode}", .. answer, "--", .. authority]);
    }
}
