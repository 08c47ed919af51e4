using System.Net;
using Edge.Dns.Resolver;
using Edge.Dns.Resolver.Recursion;
using Edge.Dns.Tests.Views;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Resolver.Recursion;

/// <summary>
/// A root, top-level domains and leaves served by NSD, BIND and Knot at the addresses that such servers have, and Unbound as a
/// second opinion, all inside one network namespace.
/// </summary>
internal sealed class PrivateTree : IDisposable
{
    public const string Liar = "203.0.113.66";
    public const string Silent = "203.0.113.77";
    private static readonly IPEndPoint Unbound = new(IPAddress.Loopback, 53);

    private readonly List<TreeServer> _servers = [];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-hints-");
    private TreeServer _unbound = null!;

    private PrivateTree(NetworkNamespace place)
    {
        Place = place;
        Link = new NamespaceLink(place);
    }

    public NetworkNamespace Place { get; }

    public IServerLink Link { get; }

    private string HintsFile => Path.Combine(_folder.FullName, "root.hints");

    public static async Task<PrivateTree> GrowAsync()
    {
        var tree = new PrivateTree(NetworkNamespace.CreateOrSkip());
        try
        {
            tree.Plant();
            await tree.ReadyAsync();
            return tree;
        }
        catch
        {
            tree.Dispose();
            throw;
        }
    }

    public RecursiveOrigin Resolver(RecursionOptions? options = null)
    {
        var hints = RootHints.Parse(HintsFile, File.ReadAllLines(HintsFile), out var problems);
        Assert.Empty(problems);
        return new RecursiveOrigin((options ?? new RecursionOptions()) with { Hints = hints! }, TimeProvider.System, link: Link);
    }

    /// <summary>What Unbound answers; null when it does not.</summary>
    public async Task<Message?> AskUnboundAsync(string name, RecordType type, bool dnssecOk = false)
    {
        var key = new QuestionKey(Name.Parse(name), type, QuestionKey.Flags(dnssecOk, checkingDisabled: true));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var query = UpstreamQuery.Create(key, withEdns: true, mixedCase: false);
        var reply = await Link.AskAsync(Unbound, query, overTcp: false, patience.Token);
        reply = reply.Kind == ReplyKind.NeedsTcp ? await Link.AskAsync(Unbound, query, overTcp: true, patience.Token) : reply;
        return reply.Kind == ReplyKind.Message ? FakeUpstream.Parse(reply.Message) : null;
    }

    /// <summary>Unbound again, with nothing in its cache.</summary>
    public async Task RestartUnboundAsync()
    {
        _unbound.Dispose();
        _unbound = TreeServer.Unbound(Place, HintsFile);
        await UnboundReadyAsync();
    }

    public void Dispose()
    {
        _servers.ForEach(server => server.Dispose());
        _unbound?.Dispose();
        Place.Dispose();
        _folder.Delete(recursive: true);
    }

    private void Plant()
    {
        Place.Ip("link set lo up");
        foreach (var address in (string[])["198.41.0.4", "192.5.6.30", "199.19.56.1", "203.0.113.10", "203.0.113.20", "203.0.113.30", Liar, Silent])
        {
            Place.Ip($"addr add {address}/32 dev lo");
        }

        foreach (var address in (string[])["2001:503:ba3e::2:30", "2001:503:a83e::2:30", "2001:500:e::1", "2001:db8::10", "2001:db8::20", "2001:db8::30"])
        {
            Place.Ip($"-6 addr add {address}/128 dev lo nodad");
        }

        File.WriteAllText(HintsFile, ". 3600000 NS a.root-servers.net.\na.root-servers.net. 3600000 A 198.41.0.4\na.root-servers.net. 3600000 AAAA 2001:503:ba3e::2:30\n");
        _servers.Add(TreeServer.Nsd(Place, "198.41.0.4", "2001:503:ba3e::2:30", (".", TreeZones.Root)));
        _servers.Add(TreeServer.Bind(Place, "192.5.6.30", "2001:503:a83e::2:30", ("com", TreeZones.Com), ("net", TreeZones.Net)));
        _servers.Add(TreeServer.Knot(Place, "199.19.56.1", "2001:500:e::1", signed: "", ("org", TreeZones.Org)));
        _servers.Add(TreeServer.Knot(Place, "203.0.113.10", "2001:db8::10", signed: "signed.org", ("example.com", TreeZones.ExampleCom), ("signed.org", TreeZones.SignedOrg), ("lame.com", TreeZones.LameCom), ("mismatch.com", TreeZones.MismatchCom)));
        _servers.Add(TreeServer.Bind(Place, "203.0.113.20", "2001:db8::20", ("example.org", TreeZones.ExampleOrg), ("glueless.com", TreeZones.GluelessCom), ("victim.net", TreeZones.VictimNet)));
        _servers.Add(TreeServer.Nsd(Place, "203.0.113.30", "2001:db8::30", ("example.com", TreeZones.ExampleCom), ("sub.example.com", TreeZones.SubExampleCom), ("silent.com", TreeZones.SilentCom)));
        _unbound = TreeServer.Unbound(Place, HintsFile);
    }

    private async Task ReadyAsync()
    {
        (string Server, string Zone)[] zones =
        [
            ("198.41.0.4", "."), ("192.5.6.30", "com"), ("192.5.6.30", "net"), ("199.19.56.1", "org"), ("203.0.113.10", "example.com"), ("203.0.113.10", "signed.org"),
            ("203.0.113.20", "example.org"), ("203.0.113.20", "victim.net"), ("203.0.113.30", "example.com"), ("203.0.113.30", "silent.com"), ("2001:db8::10", "example.com"),
        ];
        foreach (var (server, zone) in zones)
        {
            await UntilAsync(() => ServesAsync(new IPEndPoint(IPAddress.Parse(server), 53), Name.Parse(zone)), $"{server} does not serve {zone}");
        }

        await UnboundReadyAsync();
    }

    private Task UnboundReadyAsync() => UntilAsync(() => ServesAsync(Unbound, Name.Parse("localhost")), "Unbound does not answer");

    private async Task UntilAsync(Func<Task<bool>> condition, string otherwise)
    {
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while (!await condition())
        {
            var all = _servers.Append(_unbound).ToList();
            Assert.False(DateTime.UtcNow > deadline || all.Exists(server => server.HasEnded), otherwise + "\n" + string.Join("\n---\n", all.Select(server => server.Output)));
        }
    }

    private async Task<bool> ServesAsync(IPEndPoint server, Name zone)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        var reply = await Link.AskAsync(server, UpstreamQuery.Create(new QuestionKey(zone, RecordType.SOA, 0), withEdns: false), overTcp: false, patience.Token);
        return reply.Kind == ReplyKind.Message && FakeUpstream.Parse(reply.Message) is { Rcode: Rcode.NoError };
    }
}
