using System.Net;
using Edge.Dns.Resolver.Recursion;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Resolver.Recursion;

/// <summary>How long a delegation holds, and whose word counts.</summary>
public sealed class DelegationLifetimeTests
{
    private const string Com = "192.5.6.30";
    private const string Leaf = "203.0.113.10";
    private const string Moved = "203.0.113.20";
    private bool _delegated = true;

    [Fact]
    public async Task Ghost_domains_end_with_the_parents_TTL_whatever_their_own_servers_say()
    {
        // The zone itself gives its NS records with every answer, for a week.
        var internet = Internet(Leaf);
        using var origin = internet.Resolver();
        Assert.StartsWith("NOERROR", await origin.TextAsync("www.ghost.com"), StringComparison.Ordinal);
        _delegated = false;
        for (var minute = 0; minute < 59; minute++)
        {
            internet.Time.Advance(TimeSpan.FromMinutes(1));
            Assert.StartsWith("NOERROR", await origin.TextAsync($"www{minute}.ghost.com"), StringComparison.Ordinal);
        }

        internet.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("NXDOMAIN", await origin.TextAsync("www.ghost.com"));
    }

    [Fact]
    public async Task Ghost_domains_do_not_live_on_in_zones_below_them()
    {
        var internet = Internet(Leaf);
        using var origin = internet.Resolver();
        internet.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.StartsWith("NOERROR", await origin.TextAsync("www.sub.ghost.com"), StringComparison.Ordinal);
        _delegated = false;
        internet.Time.Advance(TimeSpan.FromMinutes(50));
        Assert.StartsWith("NOERROR", await origin.TextAsync("www2.sub.ghost.com"), StringComparison.Ordinal);
        internet.Time.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal("NXDOMAIN", await origin.TextAsync("www3.sub.ghost.com"));
    }

    [Fact]
    public async Task The_zones_own_servers_replace_those_its_parent_named()
    {
        var internet = Internet(Moved);
        using var origin = internet.Resolver();
        await origin.AskAsync("www.ghost.com");
        internet.Forget();
        await origin.AskAsync("www2.ghost.com");
        Assert.Equal([Moved], internet.Asked.Select(asked => asked.Address));
    }

    [Fact]
    public async Task When_the_zones_own_servers_do_not_work_those_its_parent_named_are_asked()
    {
        var internet = Internet("203.0.113.99");
        using var origin = internet.Resolver();
        await origin.AskAsync("www.ghost.com");
        Assert.StartsWith("NOERROR", await origin.TextAsync("www2.ghost.com"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_remembered_is_bounded()
    {
        var cuts = new ZoneCuts(new RecursionOptions { MaxDelegations = 100, MaxBytes = 20_000 });
        var root = cuts.FindClosest(Name.Root, 0);
        for (var i = 0; i < 10_000; i++)
        {
            cuts.Put(new Delegation(Name.Parse($"d{i}.com."), [new NameServer(Name.Parse("ns.example."), [IPAddress.Parse(Leaf)])], 1000), root);
        }

        Assert.InRange(cuts.Count, 10, 100);
        Assert.Equal("d9999.com.", cuts.FindClosest(Name.Parse("www.d9999.com."), 0).Zone.ToString());
        Assert.True(cuts.FindClosest(Name.Parse("www.d9999.com."), 1000).Zone.IsRoot);
    }

    [Fact]
    public void What_is_used_stays_when_others_are_thrown_out()
    {
        var cache = new BoundedCache<int, string>(10, 1000);
        cache.Put(-1, "used", 1);
        for (var i = 0; i < 1000; i++)
        {
            cache.Put(i, "once", 1);
            Assert.Equal("used", cache.Find(-1));
        }

        Assert.Equal(10, cache.Count);
        Assert.Equal(10, cache.Bytes);
    }

    private PrivateInternet Internet(string ownServer) =>
        new PrivateInternet()
            .ServeRoot($"com. NS a.gtld.com.\na.gtld.com. A {Com}")
            .Script(Com, query =>
            {
                var name = query.Questions[0].Name;
                var isGhost = _delegated && name.IsAtOrBelow(Name.Parse("ghost.com."));
                var reply = FakeUpstream.Reply(query, [], isGhost ? ["ghost.com. 3600 NS ns.ghost.com."] : ["com. 900 SOA 900"], isGhost ? Rcode.NoError : Rcode.NxDomain);
                reply.Flags |= isGhost ? MessageFlags.None : MessageFlags.Authoritative;
                if (isGhost)
                {
                    reply.Additional.Add(FakeUpstream.Record($"ns.ghost.com. 3600 A {Leaf}"));
                }

                return reply;
            })
            .Script($"{Leaf} {Moved}", query =>
            {
                var name = query.Questions[0].Name;
                if (name == Name.Parse("sub.ghost.com."))
                {
                    var referral = FakeUpstream.Reply(query, [], ["sub.ghost.com. 604800 NS ns.sub.ghost.com."]);
                    referral.Additional.Add(FakeUpstream.Record($"ns.sub.ghost.com. 604800 A {Leaf}"));
                    return referral;
                }

                var zone = name.IsAtOrBelow(Name.Parse("sub.ghost.com.")) ? "sub.ghost.com." : "ghost.com.";
                var reply = FakeUpstream.Reply(query, [$"{name} 60 A 203.0.113.80"], [$"{zone} 604800 NS ns.{zone}"]);
                reply.Flags |= MessageFlags.Authoritative;
                reply.Additional.Add(FakeUpstream.Record($"ns.{zone} 604800 A {ownServer}"));
                return reply;
            });
}
