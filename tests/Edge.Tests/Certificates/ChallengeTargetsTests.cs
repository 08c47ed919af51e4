using Edge.Acme;
using Edge.Certificates;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Tests.Certificates.Acme;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Tests.Certificates;

/// <summary>Where a challenge is answered: here, or where its aliases lead.</summary>
public sealed class ChallengeTargetsTests : IDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    private static readonly Dictionary<string, string> Elsewhere = new()
    {
        ["_acme-challenge.www.example.org."] = "one.example.net.",
        ["one.example.net."] = "www-example-org.acme.example.test.",
        ["_acme-challenge.away.example.org."] = "somewhere.example.net.",
        ["_acme-challenge.round.example.org."] = "_acme-challenge.round.example.org.",
    };

    private readonly ChallengeRecords _records = new();
    private readonly ZoneManager _zones;
    private readonly OwnZones _own;
    private readonly ChallengeTargets _targets;

    public ChallengeTargetsTests()
    {
        _zones = new ZoneManager([new ExampleZone(), _records], ["lan", "public"], NullLogger.Instance, TimeProvider.System);
        _own = new OwnZones(() => _zones.Current);
        _targets = new ChallengeTargets(_own, (name, _) => Task.FromResult(Elsewhere.TryGetValue(name.ToString(), out var target) ? Name.Parse(target) : null));
    }

    [Theory]
    [InlineData("nas.example.test", "_acme-challenge.nas.example.test.")]
    [InlineData("photos.nas.example.test", "_acme-challenge.photos.nas.example.test.")]
    [InlineData("alias.example.test", "here.acme.example.test.")]
    [InlineData("www.example.org", "www-example-org.acme.example.test.")]
    public async Task The_end_of_the_aliases_is_where_the_answer_stands(string name, string target) =>
        Assert.Equal(target, (await _targets.ResolveAsync(ChallengeRecords.OwnerOf(name), Cancel)).ToString());

    [Theory]
    [InlineData("mail.example.org", "is in no zone of ours, and no CNAME there leads into one")]
    [InlineData("away.example.org", "leads to somewhere.example.net., which is in no zone of ours")]
    [InlineData("round.example.org", "lead on and on")]
    public async Task What_ends_elsewhere_is_told(string name, string words) =>
        Assert.Contains(words, (await Assert.ThrowsAsync<IssuanceException>(() => _targets.ResolveAsync(ChallengeRecords.OwnerOf(name), Cancel).AsTask())).Message);

    [Fact]
    public async Task The_answer_for_a_name_elsewhere_is_served_at_its_target_and_looked_at_there()
    {
        var solver = new DnsSolver(ChallengeType.Dns01, _records, _targets.ResolveAsync, _own.WhyNotServed);
        var answer = new ChallengeAnswer { Type = solver.Type, Identifier = AcmeIdentifier.Of("www.example.org"), Token = "t", KeyAuthorization = "t.thumb", Account = new Uri("https://ca.test/1") };
        await using (await solver.PresentAsync([answer], Cancel))
        {
            Assert.Null(await solver.WhyNotReadyAsync(answer, Cancel));
            Assert.All(_own.Look(Name.Parse("www-example-org.acme.example.test"), RecordType.TXT), found => Assert.Equal(RData.Text(answer.DnsText()), Assert.Single(found.RRsets).Data[0]));
        }

        Assert.All(_own.Look(Name.Parse("www-example-org.acme.example.test"), RecordType.TXT), found => Assert.NotEqual(LookupKind.Answer, found.Kind));
        Assert.NotNull(await solver.WhyNotReadyAsync(answer, Cancel));
    }

    [Fact]
    public async Task An_answer_that_other_servers_of_the_zone_do_not_have_is_not_ready()
    {
        var solver = new DnsSolver(ChallengeType.Dns01, _records, _targets.ResolveAsync, _own.WhyNotServed) { WhyNotElsewhere = (record, _) => Task.FromResult<string?>($"{record.Owner} is behind") };
        var answer = new ChallengeAnswer { Type = solver.Type, Identifier = AcmeIdentifier.Of("nas.example.test"), Token = "t", KeyAuthorization = "t.thumb", Account = new Uri("https://ca.test/1") };
        await using (await solver.PresentAsync([answer], Cancel))
        {
            Assert.Equal("_acme-challenge.nas.example.test. is behind", await solver.WhyNotReadyAsync(answer, Cancel));
        }
    }

    [Fact]
    public async Task A_name_elsewhere_counts_as_ours_once_its_alias_was_seen()
    {
        var changed = 0;
        var names = new DelegatedNames(_targets, TimeProvider.System, () => changed++);
        Assert.False(names.IsOurs("www.example.org"));
        Assert.False(names.IsOurs("mail.example.org"));
        names.Refresh(Cancel);
        await Eventually.TrueAsync(() => names.IsOurs("www.example.org"), () => "the alias was not seen");
        Assert.False(names.IsOurs("mail.example.org"));
        await Eventually.TrueAsync(() => changed == 1, () => $"told {changed} times");
    }

    /// <summary>A resolver that is away says nothing about the names of others.</summary>
    [Fact]
    public async Task While_nobody_can_say_where_an_alias_leads_the_last_answer_holds()
    {
        var (away, asked, time) = (false, 0, new ShiftedTime());
        var targets = new ChallengeTargets(_own, (name, _) => away && ++asked > 0
            ? throw new IssuanceException("no answer") { Passes = true }
            : Task.FromResult(Elsewhere.TryGetValue(name.ToString(), out var target) ? Name.Parse(target) : null));
        var names = new DelegatedNames(targets, time, () => { });
        names.IsOurs("www.example.org");
        names.Refresh(Cancel);
        await Eventually.TrueAsync(() => names.IsOurs("www.example.org"), () => "the alias was not seen");
        away = true;
        time.Jump(TimeSpan.FromMinutes(30));
        for (var looks = 0; looks < 3; looks++)
        {
            var before = asked;
            await Eventually.TrueAsync(
                () =>
                {
                    names.Refresh(Cancel);
                    return asked > before;
                },
                () => "not asked");
        }

        Assert.True(names.IsOurs("www.example.org"));
    }

    [Fact]
    public async Task Names_that_nobody_asks_about_any_more_make_room_for_others()
    {
        var time = new ShiftedTime();
        var names = new DelegatedNames(_targets, time, () => { });
        for (var name = 0; name < 1000; name++)
        {
            names.IsOurs($"old{name}.example.org");
        }

        time.Jump(TimeSpan.FromHours(2));
        await Eventually.TrueAsync(
            () =>
            {
                names.Refresh(Cancel);
                return names.IsOurs("www.example.org");
            },
            () => "there is no room");
    }

    [Fact]
    public async Task An_outside_that_is_not_there_says_neither_yes_nor_no() =>
        Assert.True((await Assert.ThrowsAsync<IssuanceException>(() => new OutsideView(() => null).AliasOfAsync(Name.Parse("_acme-challenge.www.example.org"), Cancel))).Passes);

    [Fact]
    public void A_plan_orders_what_can_be_proven_and_addresses_by_themselves()
    {
        var plan = CertificatePlanner.Plan("nas.example.test", ["www.example.org", "mail.example.org"], host => host.EndsWith("example.test", StringComparison.Ordinal), host => host == "www.example.org", ["203.0.113.10"]);
        Assert.Equal(
            ["*.nas.example.test,nas.example.test True", "203.0.113.10 True", "mail.example.org False", "www.example.org True"],
            plan.Certificates.Select(wanted => $"{string.Join(',', wanted.Names)} {wanted.Public}").Order(StringComparer.Ordinal));
    }

    public void Dispose() => _zones.Dispose();
}
