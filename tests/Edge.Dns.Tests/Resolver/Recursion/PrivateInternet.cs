using System.Collections.Concurrent;
using System.Net;
using Edge.Dns.Nameserver;
using Edge.Dns.Resolver;
using Edge.Dns.Resolver.Recursion;
using Edge.Dns.Tests.Nameserver;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Dns.Tests.Resolver.Recursion;

/// <summary>Name servers in memory, each at its addresses, and a resolver that begins at their root. What is asked of whom is written down.</summary>
internal sealed class PrivateInternet : IServerLink
{
    public const string RootAddress = "198.41.0.4";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Dictionary<IPAddress, Func<byte[], bool, byte[]?>> _servers = [];
    private readonly ConcurrentQueue<AskedQuestion> _asked = [];

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UtcNow);

    /// <summary>Everything asked so far but the root's own servers (priming), in order.</summary>
    public AskedQuestion[] Asked => [.. _asked.Where(question => !question.IsPriming)];

    public AskedQuestion[] Priming => [.. _asked.Where(question => question.IsPriming)];

    /// <summary>Milliseconds that the clock goes on with each reply of a server.</summary>
    public Dictionary<string, int> Latency { get; } = [];

    /// <summary>A name server as it should be, with these zones. Addresses are separated by spaces.</summary>
    public PrivateInternet Serve(string addresses, params (string Origin, string Text)[] zones)
    {
        var server = TestNameserver.With(zones);
        return At(addresses, (query, overTcp) => server.Raw(query, overTcp ? Transport.Tcp : Transport.Udp));
    }

    /// <summary>A name server that says what the test says; null for silence.</summary>
    public PrivateInternet Script(string addresses, Func<Message, Message?> answer) =>
        At(addresses, (query, _) => answer(FakeUpstream.Parse(query))?.ToArray());

    /// <summary>A name server that answers these bytes with those.</summary>
    public PrivateInternet At(string addresses, Func<byte[], bool, byte[]?> answer)
    {
        foreach (var address in addresses.Split(' '))
        {
            _servers[IPAddress.Parse(address)] = answer;
        }

        return this;
    }

    /// <summary>The root with these delegations, in zone file text.</summary>
    public PrivateInternet ServeRoot(string delegations) => Serve(RootAddress, (".", $"""
        $TTL 86400
        . SOA a.root-servers.net. nobody. 1 2 3 4 900
        . NS a.root-servers.net.
        a.root-servers.net. A {RootAddress}
        {delegations}
        """));

    public RecursiveOrigin Resolver(RecursionOptions? options = null)
    {
        var hints = RootHints.Parse("hints", [". 3600000 NS a.root-servers.net.", $"a.root-servers.net. 3600000 A {RootAddress}"], out var problems);
        Assert.Empty(problems);
        return new RecursiveOrigin((options ?? new RecursionOptions()) with { Hints = hints! }, Time, link: this);
    }

    /// <summary>Forgets what was asked so far.</summary>
    public void Forget() => _asked.Clear();

    public async Task<UpstreamReply> AskAsync(IPEndPoint server, UpstreamQuery query, bool overTcp, CancellationToken deadline)
    {
        var parsed = FakeUpstream.Parse(query.Wire);
        _asked.Enqueue(new AskedQuestion(server.Address.ToString(), parsed.Questions[0].Name.ToString().ToLowerInvariant(), parsed.Questions[0].Type, overTcp, parsed));
        await Task.Yield();
        if (!_servers.TryGetValue(server.Address, out var answer))
        {
            return UpstreamReply.Failed(ReplyKind.Unreachable, "no route");
        }

        Time.Advance(TimeSpan.FromMilliseconds(Latency.GetValueOrDefault(server.Address.ToString())));
        var reply = deadline.IsCancellationRequested ? null : answer(query.Wire, overTcp);
        if (reply is null)
        {
            await SilenceAsync(deadline);
            return UpstreamReply.Failed(ReplyKind.Timeout, "silence");
        }

        return query.Match(reply) switch
        {
            ReplyMatch.OtherCase when !overTcp => UpstreamReply.Failed(ReplyKind.NeedsTcp, "case"),
            ReplyMatch.Foreign => UpstreamReply.Failed(ReplyKind.Timeout, "foreign"),
            _ when !overTcp && (reply[2] & 2) != 0 => UpstreamReply.Failed(ReplyKind.NeedsTcp, "truncated"),
            _ => UpstreamReply.Of(reply),
        };
    }

    private async Task SilenceAsync(CancellationToken deadline)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!deadline.IsCancellationRequested)
        {
            Assert.False(patience.IsCancellationRequested, "nobody gave up waiting");
            Time.Advance(TimeSpan.FromMilliseconds(20));
            await Task.Yield();
        }
    }
}
