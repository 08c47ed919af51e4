using Edge.Dns.Resolver;
using Edge.Dns.Resolver.Upstreams;
using Edge.Dns.Wire;
using Xunit;
using static Edge.Dns.Tests.Resolver.ForwarderClient;

namespace Edge.Dns.Tests.Resolver;

/// <summary>Thousands of random names below one domain whose servers are dead: others notice nothing.</summary>
public sealed class FloodTests
{
    [Fact]
    public async Task One_domain_does_not_take_more_than_half_of_the_places()
    {
        using var upstream = new FakeUpstream();
        upstream.OnUdp = (query, send) =>
        {
            if (!FakeUpstream.Parse(query).Questions[0].Name.IsAtOrBelow(Name.Parse("victim.example")))
            {
                send(FakeUpstream.Reply(FakeUpstream.Parse(query), [$"{FakeUpstream.Parse(query).Questions[0].Name} 300 A 192.0.2.1"]).ToArray());
            }
        };
        var options = Options(upstream.EndPoint) with { AttemptTimeout = TimeSpan.FromSeconds(20), TotalTimeout = TimeSpan.FromSeconds(40), Rounds = 1, MaxInFlight = 300, MaxInFlightPerDomain = 100 };
        using var forwarder = new Forwarder(options);
        await forwarder.Ask("known.example.org");
        var waiting = new List<Task<Message>>();
        for (var i = 0; i < 10_000; i++)
        {
            waiting.Add(forwarder.Ask($"r{i}.victim.example"));
            if (i % 100 == 0)
            {
                Assert.True(forwarder.TryCache("known.example.org", RecordType.A, out _));
                Assert.Single((await forwarder.Ask($"n{i}.example.net")).Answer);
            }
        }

        Assert.Equal(150, waiting.Count(task => !task.IsCompleted));
        var refused = await waiting.First(task => task.IsCompleted);
        Assert.Equal((Rcode.ServFail, "too many questions wait for upstreams"), (refused.Rcode, refused.ExtendedError()!.Value.Text));
    }

    [Fact]
    public async Task All_domains_together_have_a_limit_too_and_places_come_back()
    {
        using var upstream = new FakeUpstream();
        var silent = true;
        upstream.OnUdp = (query, send) =>
        {
            if (!silent)
            {
                send(FakeUpstream.Reply(FakeUpstream.Parse(query), [$"{FakeUpstream.Parse(query).Questions[0].Name} 300 A 192.0.2.1"]).ToArray());
            }
        };
        using var forwarder = new Forwarder(Options(upstream.EndPoint) with { MaxInFlight = 50 });
        var waiting = Enumerable.Range(0, 200).Select(i => forwarder.Ask($"www.d{i}.example{i}")).ToList();
        Assert.Equal(50, waiting.Count(task => !task.IsCompleted));
        await Task.WhenAll(waiting);
        silent = false;
        await Until(() => !forwarder.Stats.Upstreams[0].IsDown);
        var later = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => forwarder.Ask($"www.later{i}.example{i}")));
        Assert.All(later, answer => Assert.Single(answer.Answer));
    }

    [Theory]
    [InlineData("www.example.org", "example.org")]
    [InlineData("a.b.c.example.org", "example.org")]
    [InlineData("example.org", "example.org")]
    [InlineData("org", "org")]
    [InlineData(".", ".")]
    [InlineData("a.b.example.co.uk", "example.co.uk")]
    [InlineData("a.example.com.au", "example.com.au")]
    [InlineData("co.uk", "co.uk")]
    [InlineData("a.b.abc.org", "b.abc.org")]
    public void What_counts_as_a_domain(string name, string domain) =>
        Assert.Equal(Name.Parse(domain), Name.FromWire(DomainPlaces.DomainOf(Name.Parse(name).Wire)));
}
