using Edge.Dns.Resolver.Recursion;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Resolver.Recursion;

/// <summary>No server sees more of a name than it needs (RFC 9156), and servers that cannot bear that are asked for the whole.</summary>
public sealed class Rfc9156MinimisationTests
{
    private const string Leaf = "203.0.113.10";

    [Theory]
    [InlineData("www.example.com.", "com.", new[] { "example.com.", "www.example.com." })]
    [InlineData("a.b.c.d.e.example.com.", "example.com.", new[] { "e.example.com.", "d.e.example.com.", "c.d.e.example.com.", "b.c.d.e.example.com.", "a.b.c.d.e.example.com." })]
    [InlineData("_25._tcp.mail.example.com.", "com.", new[] { "example.com.", "mail.example.com.", "_25._tcp.mail.example.com." })]
    public void Section_2_3_one_label_more_at_each_step(string name, string zone, string[] expected)
    {
        var minimiser = new Minimiser(Name.Parse(name));
        var known = Name.Parse(zone);
        var asked = new List<string>();
        while (known != Name.Parse(name))
        {
            known = minimiser.Next(known);
            asked.Add(known.ToString());
        }

        Assert.Equal(expected, asked);
    }

    [Fact]
    public void Section_2_3_the_labels_that_are_left_are_spread_over_the_last_six_steps()
    {
        var name = Name.Parse(string.Concat(Enumerable.Repeat("x.", 18)));
        var minimiser = new Minimiser(name);
        var known = Name.Root;
        var steps = new List<int>();
        while (known != name)
        {
            var next = minimiser.Next(known);
            steps.Add(next.LabelCount - known.LabelCount);
            known = next;
        }

        Assert.Equal([1, 1, 1, 1, 2, 2, 2, 2, 3, 3], steps);
    }

    [Theory]
    [InlineData(32)]
    [InlineData(100)]
    [InlineData(126)]
    public void Section_2_3_ten_steps_at_the_most_however_long_the_name(int labels)
    {
        var name = Name.Parse(string.Concat(Enumerable.Repeat("x.", labels)));
        var minimiser = new Minimiser(name);
        var known = Name.Root;
        var asked = new List<int>();
        while (known != name)
        {
            known = minimiser.Next(known);
            asked.Add(known.LabelCount);
        }

        Assert.Equal([1, 2, 3, 4], asked.Take(4));
        Assert.InRange(asked.Count, 5, 10);
    }

    [Fact]
    public async Task No_server_above_sees_the_name_or_the_type()
    {
        var internet = Internet((query, _) => FakeUpstream.Reply(query, ["a.b.example.com. 60 TXT x"]));
        using var origin = internet.Resolver();
        await origin.AskAsync("a.b.example.com", "TXT");
        Assert.Equal(["com. A", "example.com. A"], internet.Asked.Take(2).Select(asked => $"{asked.Name} {asked.Type}"));
    }

    [Fact]
    public async Task A_server_that_denies_names_with_only_others_below_is_asked_for_the_whole_name()
    {
        var internet = Internet((query, name) => name == "a.b.example.com." ? FakeUpstream.Reply(query, ["a.b.example.com. 60 A 203.0.113.80"])
            : FakeUpstream.Reply(query, [], ["example.com. 60 SOA 60"], Rcode.NxDomain));
        using var origin = internet.Resolver();
        Assert.Equal("NOERROR\na.b.example.com. A 203.0.113.80", await origin.TextAsync("a.b.example.com"));
        Assert.Equal("NXDOMAIN", await origin.TextAsync("c.b.example.com"));
        // The denial of b.example.com was a lie, and is not believed about its other children.
        Assert.Equal("NOERROR\na.b.example.com. A 203.0.113.80", await origin.TextAsync("a.b.example.com"));
    }

    [Theory]
    [InlineData(Rcode.ServFail)]
    [InlineData(Rcode.Refused)]
    [InlineData(Rcode.NotImp)]
    public async Task A_server_that_does_not_bear_the_question_is_asked_for_the_whole_name(Rcode rcode)
    {
        var internet = Internet((query, name) => name == "a.b.example.com." && query.Questions[0].Type == RecordType.TXT ? FakeUpstream.Reply(query, ["a.b.example.com. 60 TXT x"])
            : FakeUpstream.Reply(query, [], rcode: rcode));
        using var origin = internet.Resolver();
        Assert.Equal("NOERROR\na.b.example.com. TXT \"x\"", await origin.TextAsync("a.b.example.com", "TXT"));
    }

    [Fact]
    public async Task What_is_known_to_lie_inside_a_zone_is_not_asked_again()
    {
        var internet = Internet((query, name) => name.StartsWith("a.", StringComparison.Ordinal) || name.StartsWith("z.", StringComparison.Ordinal)
            ? FakeUpstream.Reply(query, [$"{name} 60 A 203.0.113.80"]) : FakeUpstream.Reply(query, [], ["example.com. 60 SOA 60"]));
        using var origin = internet.Resolver();
        await origin.AskAsync("a.b.c.example.com");
        internet.Forget();
        await origin.AskAsync("z.b.c.example.com");
        Assert.Equal([$"{Leaf} z.b.c.example.com. A"], internet.Asked.Select(asked => asked.ToString()));
    }

    private static PrivateInternet Internet(Func<Message, string, Message> answer) => new PrivateInternet()
        .ServeRoot("com. NS a.gtld.com.\na.gtld.com. A 192.5.6.30")
        .Serve("192.5.6.30", ("com.", $"""
            $TTL 86400
            @ SOA a.gtld host 1 2 3 4 900
            @ NS a.gtld
            a.gtld A 192.5.6.30
            example NS ns.example
            ns.example A {Leaf}
            """))
        .Script(Leaf, query =>
        {
            var reply = answer(query, query.Questions[0].Name.ToString().ToLowerInvariant());
            reply.Flags |= MessageFlags.Authoritative;
            return reply;
        });
}
