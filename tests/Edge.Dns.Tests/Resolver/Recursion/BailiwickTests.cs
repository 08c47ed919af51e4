using Edge.Dns.Resolver.Recursion;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Xunit;

namespace Edge.Dns.Tests.Resolver.Recursion;

/// <summary>
/// A server of evil.com is believed about evil.com and nothing else. The victim is bank.com: whatever the liar says, the
/// victim's name leads to the victim's server.
/// </summary>
public sealed class BailiwickTests
{
    private const string Com = "192.5.6.30";
    private const string Liar = "203.0.113.66";
    private const string Bank = "203.0.113.10";
    private const string Truth = "NOERROR\nwww.bank.com. A 203.0.113.11";

    public static TheoryData<string, string[], string[], string[]> Lies => new()
    {
        { "RFC 5452 §6: an address of the victim in the answer", ["www.evil.com. 600 A 203.0.113.66", "www.bank.com. 600 A 203.0.113.66"], [], [] },
        { "an address of the victim in the additional section", ["www.evil.com. 600 A 203.0.113.66"], [], ["www.bank.com. 600 A 203.0.113.66"] },
        { "servers for the victim in the authority section", ["www.evil.com. 600 A 203.0.113.66"], ["bank.com. 600 NS ns.evil.com."], ["ns.evil.com. 600 A 203.0.113.66"] },
        { "servers for com", ["www.evil.com. 600 A 203.0.113.66"], ["com. 600 NS ns.evil.com."], ["ns.evil.com. 600 A 203.0.113.66"] },
        { "servers for the root", ["www.evil.com. 600 A 203.0.113.66"], [". 600 NS ns.evil.com."], ["ns.evil.com. 600 A 203.0.113.66"] },
        { "the victim's server with our address as glue", ["www.evil.com. 600 A 203.0.113.66"], ["evil.com. 600 NS ns.bank.com."], ["ns.bank.com. 600 A 203.0.113.66"] },
        { "a referral to below with the victim's server as glue", [], ["www.evil.com. 600 NS ns.bank.com."], ["ns.bank.com. 600 A 203.0.113.66"] },
        { "a referral upward", [], ["com. 600 NS ns.evil.com."], ["ns.evil.com. 600 A 203.0.113.66"] },
        { "a referral to the root", [], [". 600 NS ns.evil.com."], ["ns.evil.com. 600 A 203.0.113.66"] },
        { "a referral sideways", [], ["bank.com. 600 NS ns.evil.com."], ["ns.evil.com. 600 A 203.0.113.66"] },
        { "a referral to itself", [], ["evil.com. 600 NS ns.evil.com."], ["ns.evil.com. 600 A 203.0.113.66"] },
        { "an alias to the victim with its address", ["www.evil.com. 600 CNAME www.bank.com.", "www.bank.com. 600 A 203.0.113.66"], [], [] },
        { "a DNAME of com", ["www.evil.com. 600 CNAME www.bank.com.", "com. 600 DNAME evil.com."], [], [] },
        { "a denial of com", [], ["com. 600 SOA 600"], [] },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task The_victim_is_not_touched(string lie, string[] answer, string[] authority, string[] additional)
    {
        foreach (var flags in (MessageFlags[])[MessageFlags.Authoritative, MessageFlags.None])
        {
            foreach (var rcode in (Rcode[])[Rcode.NoError, Rcode.NxDomain])
            {
                var internet = Internet(query => Lie(query, answer, authority, additional, flags, rcode));
                using var origin = internet.Resolver();
                var told = await origin.TextAsync("www.evil.com");
                Assert.False(told.Contains("bank.com. A 203.0.113.66", StringComparison.Ordinal), lie);
                // Here the name server of the victim was known from its parent before the lie, there it is not.
                Assert.Equal(Truth, await origin.TextAsync("www.bank.com"));
                Assert.Equal("NOERROR\nns.bank.com. A 203.0.113.10", await origin.TextAsync("ns.bank.com"));
                await origin.AskAsync("other.evil.com");
                Assert.Equal(Truth, await origin.TextAsync("www.bank.com"));
                Assert.DoesNotContain(internet.Asked, asked => asked.Address == Liar && !asked.Name.EndsWith("evil.com.", StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public async Task Glue_for_a_server_in_another_zone_is_not_used_not_even_to_reach_it()
    {
        var internet = Internet(query => Lie(query, [], ["www.evil.com. 600 NS ns.bank.com."], ["ns.bank.com. 600 A 203.0.113.67"], MessageFlags.None, Rcode.NoError));
        using var origin = internet.Resolver();
        await origin.AskAsync("www.evil.com");
        Assert.DoesNotContain(internet.Asked, asked => asked.Address == "203.0.113.67");
        Assert.Contains(internet.Asked, asked => asked.Name == "www.evil.com." && (asked.Address is Bank or "203.0.113.12"));
    }

    [Fact]
    public async Task A_referral_to_a_zone_that_the_name_is_not_in_is_not_followed()
    {
        var internet = Internet(query => Lie(query, [], ["other.evil.com. 600 NS ns.evil.com."], ["ns.evil.com. 600 A 203.0.113.67"], MessageFlags.None, Rcode.NoError));
        using var origin = internet.Resolver();
        Assert.StartsWith("FAILED 203.0.113.66: asked as a server of evil.com., it speaks of other.evil.com.", await origin.TextAsync("www.evil.com"), StringComparison.Ordinal);
        Assert.DoesNotContain(internet.Asked, asked => asked.Address == "203.0.113.67");
    }

    [Fact]
    public async Task Glue_is_never_an_answer()
    {
        // The parent's address for ns.bank.com is not what the zone itself says.
        var internet = Internet(_ => null);
        using var origin = internet.Resolver();
        Assert.Equal("NOERROR\nns.bank.com. A 203.0.113.10", await origin.TextAsync("ns.bank.com"));
        Assert.Contains(internet.Asked, asked => asked.Address == "203.0.113.12");
    }

    [Fact]
    public async Task Records_without_AA_are_no_answer()
    {
        var internet = Internet(query => Lie(query, ["www.evil.com. 600 A 203.0.113.66"], [], [], MessageFlags.RecursionAvailable, Rcode.NoError));
        using var origin = internet.Resolver();
        Assert.StartsWith("FAILED 203.0.113.66: answers for a zone it is not authoritative for", await origin.TextAsync("www.evil.com"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Section_2_2_of_RFC_6672_the_CNAME_is_made_from_the_DNAME_whatever_the_server_made()
    {
        var internet = Internet(query => Lie(query, ["www.evil.com. 600 CNAME www.bank.com.", "evil.com. 600 DNAME bank.com."], [], [], MessageFlags.Authoritative, Rcode.NoError));
        using var origin = internet.Resolver();
        Assert.Equal("NOERROR\nevil.com. DNAME bank.com.\nwww.evil.com. CNAME www.bank.com.\nwww.bank.com. A 203.0.113.11", await origin.TextAsync("www.evil.com"));
    }

    [Fact]
    public async Task Records_beside_the_question_are_left_out()
    {
        var internet = Internet(query => Lie(query, ["www.evil.com. 600 A 203.0.113.67", "other.evil.com. 600 A 203.0.113.66", "www.evil.com. 600 TXT x"], [], [], MessageFlags.Authoritative, Rcode.NoError));
        using var origin = internet.Resolver();
        Assert.Equal("NOERROR\nwww.evil.com. A 203.0.113.67", await origin.TextAsync("www.evil.com"));
    }

    private static Message Lie(Message query, string[] answer, string[] authority, string[] additional, MessageFlags flags, Rcode rcode)
    {
        var reply = FakeUpstream.Reply(query, [], rcode: rcode);
        reply.Flags = MessageFlags.Response | flags;
        reply.Answer.AddRange(answer.Select(Record));
        reply.Authority.AddRange(authority.Select(Record));
        reply.Additional.AddRange(additional.Select(Record));
        return reply;
    }

    private static ResourceRecord Record(string text) => text.Contains(" SOA ", StringComparison.Ordinal) ? FakeUpstream.Record(text)
        : RecordText.Parse(text.Replace(" 600 ", " 600 IN ", StringComparison.Ordinal));

    private static PrivateInternet Internet(Func<Message, Message?> liar) => new PrivateInternet()
        .ServeRoot("com. NS a.gtld.com.\na.gtld.com. A 192.5.6.30")
        .Serve(Com, ("com.", $"""
            $TTL 86400
            @ SOA a.gtld host 1 2 3 4 900
            @ NS a.gtld
            a.gtld A {Com}
            evil NS ns.evil
            ns.evil A {Liar}
            bank NS ns.bank
            ns.bank A 203.0.113.12
            """))
        .Serve($"{Bank} 203.0.113.12", ("bank.com.", $"""
            $TTL 86400
            @ SOA ns host 1 2 3 4 900
            @ NS ns
            ns A {Bank}
            www A 203.0.113.11
            """))
        .Script(Liar, liar);
}
