using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Resolver;
using Edge.Dns.Resolver.Recursion;
using Edge.Dns.Resolver.Upstreams;
using Edge.Dns.Resolver.Validation;
using Edge.Dns.Tests.Nameserver;
using Edge.Dns.Tests.Resolver.Recursion;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Dns.Tests.Resolver;

/// <summary>A part of a zone of ours that other servers have is asked of these servers, for clients that may ask for all names.</summary>
public sealed class OwnDelegationTests
{
    private const string Parent = """
        $TTL 3600
        example.com. SOA ns.example.com. root.example.com. 1 7200 900 1209600 60
        example.com. NS ns.example.com.
        ns.example.com. A 192.0.2.1
        lab.example.com. NS ns1.lab.example.com.
        ns1.lab.example.com. A 10.0.0.5
        far.example.com. NS ns.provider.test.
        near.example.com. NS beside.example.com.
        beside.example.com. A 10.0.0.7
        alone.example.com. NS ns.alone.example.com.
        self.example.com. NS ns.example.com.
        """;

    private const string Lab = """
        $TTL 300
        lab.example.com. SOA ns1.lab.example.com. root.example.com. 1 7200 900 1209600 60
        lab.example.com. NS ns1.lab.example.com.
        ns1.lab.example.com. A 10.0.0.5
        www.lab.example.com. A 10.1.1.1
        out.lab.example.com. CNAME www.world.test.
        home.lab.example.com. CNAME ns.example.com.
        deep.lab.example.com. NS ns.deep.lab.example.com.
        ns.deep.lab.example.com. A 10.0.0.6
        """;

    private readonly PrivateInternet _internet = new();
    private readonly List<string> _others = [];

    public static TheoryData<string, string, string> Cases() => new()
    {
        { "the answer of the part's server", "www.lab.example.com", "www.lab.example.com. 300 A 10.1.1.1" },
        { "its apex", "ns1.lab.example.com", "ns1.lab.example.com. 300 A 10.0.0.5" },
        { "a part of the part", "www.deep.lab.example.com", "www.deep.lab.example.com. 60 A 10.2.2.2" },
        { "a server whose address stands elsewhere in the zone", "www.near.example.com", "www.near.example.com. 60 A 10.3.3.3" },
        { "a server whose address the world knows", "www.far.example.com", "www.far.example.com. 60 A 198.51.100.9" },
        { "an alias that leads out is followed there", "out.lab.example.com", "out.lab.example.com. 300 CNAME www.world.test. | www.world.test. 60 A 198.51.100.80" },
        { "an alias to a name of ours ends there: our zones go on", "home.lab.example.com", "home.lab.example.com. 300 CNAME ns.example.com." },
        { "a name elsewhere is for others", "www.world.test", "www.world.test. 60 A 198.51.100.80" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_name_is_asked_where_the_zone_says(string rule, string name, string expected)
    {
        var answer = await AskAsync(name);
        Assert.True(expected == string.Join(" | ", answer.Message!.Answer.Text()), $"{rule}: {string.Join(" | ", answer.Message.Answer.Text())}");
    }

    [Fact]
    public async Task Others_learn_nothing_of_names_that_are_ours()
    {
        await AskAsync("www.lab.example.com");
        await AskAsync("missing.lab.example.com");
        await AskAsync("home.lab.example.com");
        Assert.Empty(_others);
    }

    [Fact]
    public async Task What_is_not_there_the_parts_server_denies()
    {
        var answer = await AskAsync("missing.lab.example.com");
        Assert.Equal(Rcode.NxDomain, answer.Message!.Rcode);
        Assert.Equal("lab.example.com.", Assert.Single(answer.Message.Authority, record => record.Type == RecordType.SOA).Owner.ToString());
    }

    [Fact]
    public async Task A_server_of_the_world_leads_to_no_address_inside()
    {
        var answer = await AskAsync("www.inside.far.example.com");
        Assert.Null(answer.Message);
        Assert.Contains("10.0.0.5, which the delegation of inside.far.example.com. leads to, is in a private network", Text(answer), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("www.alone.example.com", "no address of its servers is known")]
    [InlineData("www.self.example.com", "192.0.2.1, which the delegation of self.example.com. leads to, is this server itself")]
    public async Task What_cannot_be_asked_says_why(string name, string expected) =>
        Assert.Contains(expected, Text(await AskAsync(name)), StringComparison.Ordinal);

    [Theory]
    [InlineData("lab.example.com", true)]
    [InlineData("example.com", true)]
    [InlineData("com", false)]
    public async Task A_zone_with_servers_of_its_own_in_the_settings_goes_before(string zone, bool goesBefore)
    {
        var rule = new ForwardRule(Name.Parse(zone), [UpstreamServer.Parse("192.0.2.53", out _)!]);
        var answer = await AskAsync("www.lab.example.com", new ForwarderOptions { Forward = [rule] });
        Assert.Equal(goesBefore, answer.Message!.Answer.Count == 0);
        Assert.Equal(goesBefore, _others.Count == 1);
    }

    [Fact]
    public async Task Where_no_view_may_ask_nothing_is_followed()
    {
        var answer = await AskAsync("www.lab.example.com", mayAsk: false);
        Assert.Empty(answer.Message!.Answer);
        Assert.Equal(["www.lab.example.com. A"], _others);
    }

    [Fact]
    public void RFC_4035_3_1_4_1_the_DS_at_the_cut_is_not_for_the_parts_servers_to_say()
    {
        using var parts = new UpstreamParts(_internet.Time, NullLogger.Instance);
        var origin = Origin(parts, new ForwarderOptions(), mayAsk: true);
        Assert.False(origin.IsTakenAsItIs(Key("lab.example.com", RecordType.DS)));
        Assert.True(origin.IsTakenAsItIs(Key("lab.example.com", RecordType.A)));
        Assert.False(origin.IsTakenAsItIs(Key("example.net", RecordType.A)));
    }

    [Fact]
    public void A_part_with_a_trust_anchor_of_its_own_is_validated()
    {
        using var parts = new UpstreamParts(_internet.Time, NullLogger.Instance);
        var anchor = ZoneFile.Parse("@ 3600 DS 12345 13 2 0123456789012345678901234567890123456789012345678901234567890123\n"u8.ToArray(), "anchor", Name.Parse("lab.example.com")).Records[0];
        var origin = Origin(parts, new ForwarderOptions { Validation = new ValidationOptions { Anchors = [anchor] } }, mayAsk: true);
        Assert.False(origin.IsTakenAsItIs(Key("www.lab.example.com", RecordType.A)));
        Assert.True(origin.IsTakenAsItIs(Key("www.near.example.com", RecordType.A)));
    }

    private async Task<OriginAnswer> AskAsync(string name, ForwarderOptions? options = null, bool mayAsk = true)
    {
        Serve();
        using var parts = new UpstreamParts(_internet.Time, NullLogger.Instance);
        return await Origin(parts, options ?? new ForwarderOptions(), mayAsk).AskAsync(Key(name, RecordType.A), CancellationToken.None);
    }

    private DelegatedOrigin Origin(UpstreamParts parts, ForwarderOptions options, bool mayAsk)
    {
        var records = ZoneFile.Parse(System.Text.Encoding.UTF8.GetBytes(Parent), "example.com.zone", Name.Parse("example.com")).Records;
        var zones = new ZoneSet(["lan"], [[Zone.Build(Name.Parse("example.com"), records)]]);
        options = options with
        {
            Delegations = new OwnDelegations(() => zones, _ => mayAsk),
            Delegated = options.Delegated with { OwnAddresses = [IPAddress.Parse("192.0.2.1")] },
            IsOurs = name => zones.Find(0, name.Wire) is not null,
        };
        return new DelegatedOrigin(new World(_others), options, new AnswerCache(1 << 20, 1 << 14), parts, _internet);
    }

    private void Serve() => _internet
        .Serve("10.0.0.5", ("lab.example.com", Lab))
        .Serve("10.0.0.6", ("deep.lab.example.com", Small("deep.lab.example.com", "10.2.2.2")))
        .Serve("10.0.0.7", ("near.example.com", Small("near.example.com", "10.3.3.3")))
        .Serve("203.0.113.53", ("far.example.com", Small("far.example.com", "198.51.100.9") + "\ninside.far.example.com. NS ns.inside.far.example.com.\nns.inside.far.example.com. A 10.0.0.5"));

    private static string Small(string zone, string address) => $"$TTL 60\n{zone}. SOA ns.{zone}. root.{zone}. 1 7200 900 1209600 60\n{zone}. NS ns.{zone}.\nns.{zone}. A {address}\nwww.{zone}. A {address}";

    private static QuestionKey Key(string name, RecordType type) => QuestionKey.LowerCase(Name.Parse(name).Wire, type, 0);

    private static string Text(OriginAnswer answer) => System.Text.Encoding.UTF8.GetString(answer.ExtendedError);

    /// <summary>All other names, and what was asked of them.</summary>
    private sealed class World(List<string> asked) : IAnswerOrigin
    {
        public Task<OriginAnswer> AskAsync(QuestionKey key, CancellationToken deadline)
        {
            asked.Add($"{key.Name} {key.Type}");
            var message = new Message { Flags = MessageFlags.Response };
            message.Questions.Add(new Question(key.Name, key.Type));
            var address = key.Name.ToString() switch { "ns.provider.test." => "203.0.113.53", "www.world.test." => "198.51.100.80", _ => null };
            if (address is not null && key.Type == RecordType.A)
            {
                message.Answer.Add(FakeUpstream.Record($"{key.Name} 60 A {address}"));
            }

            return Task.FromResult(OriginAnswer.Of(message, "others"));
        }
    }
}
